/* SPDX-License-Identifier: Apache-2.0
 *
 * NVMe drives of a bare-metal Linux host, without guests: one thread for each drive keeps `depth` I/Os in flight. The
 * drive's interrupts go to the thread's CPU, or to where `affinity` sends them. A drive serves its queue at a fixed
 * rate and sends a message at each completion. The message goes to the local APIC (nvme-msi), or the IOMMU posts it to
 * a descriptor of that CPU, whose notification calls the handlers (nvme-posted-msi). Left out: a drive's latency in
 * addition to its queue, several queues for a drive, merging, timeouts, changes of the affinity, completions that the
 * block layer hands over to the thread's CPU, the transfer of each I/O's own data between CPUs, and other work of the
 * host. Source: Linux 6.10, drivers/nvme/host/pci.c (recalled), arch/x86/kernel/irq.c (read); the thread: fio's
 * t/io_uring (recalled).
 */
#ifndef NVME_NVME_H
#define NVME_NVME_H

#include <stdbool.h>
#include <stdint.h>

#include "base/histogram.h"
#include "machine/devices/device.h"
#include "machine/devices/iommu.h"
#include "models/host/host.h"
#include "models/host/deadlock.h"
#include "models/host/thread.h"
#include "models/nvme/designs.h"
#include "models/nvme/setup.h"

struct nvme_statistics {
    uint64_t ios, interrupts, handlers, empty; /* interrupts taken; handlers called, and handlers that found nothing */
};

struct drive {
    const struct device_setup *setup;
    struct device *device;
    struct device_vector vector;
    struct irte irte;
    struct thread thread;
    struct line line;   /* of the three below; one CPU's handler and thread find it in its cache, and are not charged */
    uint64_t inflight;  /* I/Os submitted whose completion the thread has not seen, */
    uint64_t completed; /* those of them that the handler has reaped */
    uint64_t wanted;    /* the thread sleeps until this many are completed; 0: it does not wait */
};

/* Of a pCPU's PIR: a local variable of the notification's handler, all 0 outside it. */
struct pir_copy {
    uint64_t words[PIR_WORDS];
};

struct nvme {
    struct host *host;
    struct machine *machine;
    const struct setup *setup;
    const struct nvme_design *design;
    struct iommu iommu;
    struct pi_descriptor *descriptors; /* by pCPU */
    struct pir_copy *copies;           /* by pCPU */
    struct device *kinds;              /* one entry for each entry of setup->devices */
    struct drive *drives;
    uint32_t drive_count;
    struct nvme_statistics statistics;
};

static inline struct nvme *nvme_of(const struct cpu *cpu) { return host_of(cpu)->model; }

/* --- drive.c --- */

void drive_main(struct cpu *cpu, struct thread *thread);
void drive_interrupt(struct cpu *cpu, void *argument);

/* --- posted.c --- */

/* The body of a notification, including its EOI. */
void posted_notification(struct cpu *cpu);

#endif
