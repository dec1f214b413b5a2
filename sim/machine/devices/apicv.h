/* SPDX-License-Identifier: Apache-2.0
 *
 * APIC virtualisation of a CPU in guest mode: the virtual-APIC page's IRR, RVI, virtual-interrupt delivery and virtual
 * EOI without an exit, and posted-interrupt processing of the notification vector. The descriptor is that of the
 * current vCPU, whoever the notification was meant for. In the hypervisor the same vector is an ordinary one.
 * Left out: TPR and self-IPI virtualisation.
 * Source: Intel SDM volume 3, 29.6 (posted-interrupt processing), in part recalled.
 */
#ifndef MACHINE_DEVICES_APICV_H
#define MACHINE_DEVICES_APICV_H

#include <stdbool.h>
#include <stdint.h>

#include "machine/devices/iommu.h"
#include "machine/lines/word.h"

struct cpu;
struct device_vector;

struct apicv_statistics {
    uint64_t processed;  /* notifications in guest mode, */
    uint64_t spurious;   /* of them with ON clear: not this vCPU's, or not any more */
    uint64_t deliveries; /* of virtual interrupts, each without an exit */
    uint64_t eois;
};

struct apicv {
    struct word *virr; /* [PIR_WORDS] of the virtual-APIC page */
    struct pi_descriptor *descriptor;
    uint32_t rvi;                            /* highest vector that is requested, as far as the CPU knows; 0: none */
    uint64_t eoi_exit[PIR_WORDS];            /* EOI-exit bitmap */
    struct device_vector *handlers[256];     /* the guest's: what it has behind its vectors */
    struct apicv_statistics *statistics;
};

/* In guest mode, host interrupts off: takes a pending notification. False: none is pending, or what is pending has a
 * higher priority and ends guest mode. */
bool apicv_take_notification(struct cpu *cpu, struct apicv *apicv);

/* rvi != 0, and the guest accepts interrupts: from VIRR to service. Returns the vector. */
uint32_t apicv_deliver(struct cpu *cpu, struct apicv *apicv);

/* The guest's EOI; false: the hypervisor wants to hear of it, and it is an exit. */
bool apicv_eoi(struct cpu *cpu, struct apicv *apicv, uint32_t vector);

/* The highest bit set in four words; 0: none. */
uint32_t apicv_highest(const struct word words[PIR_WORDS]);

#endif
