/* SPDX-License-Identifier: Apache-2.0
 *
 * APIC virtualisation of a CPU in guest mode: the virtual-APIC page's IRR, RVI, virtual-interrupt delivery and virtual
 * EOI without an exit, and posted-interrupt processing of the notification vector. It processes the descriptor of the
 * current vCPU, even if the notification was sent for another one. In host mode the same vector is an ordinary one.
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
    uint64_t processed;  /* notifications in guest mode */
    uint64_t spurious;   /* of these, with ON clear: sent for another vCPU, or already processed */
    uint64_t deliveries; /* of virtual interrupts, each without an exit */
    uint64_t eois;
};

struct apicv {
    struct word *virr; /* [PIR_WORDS] of the virtual-APIC page */
    struct pi_descriptor *descriptor;
    uint32_t rvi;                        /* highest requested vector that the CPU knows of; 0: none */
    uint64_t eoi_exit[PIR_WORDS];        /* EOI-exit bitmap */
    struct device_vector *handlers[256]; /* the source that the guest handles at each of its vectors */
    struct apicv_statistics *statistics;
};

/* In guest mode with host interrupts off: processes a pending notification. Returns false when none is pending, or when
 * a vector of higher priority is pending, which ends guest mode. */
bool apicv_take_notification(struct cpu *cpu, struct apicv *apicv);

/* Delivers the virtual interrupt RVI, which must not be 0, to a guest that accepts interrupts: takes it out of VIRR and
 * updates RVI. Returns the vector. */
uint32_t apicv_deliver(struct cpu *cpu, struct apicv *apicv);

/* The guest's EOI of `vector`. Returns false when the EOI-exit bitmap makes it a VM exit. */
bool apicv_eoi(struct cpu *cpu, struct apicv *apicv, uint32_t vector);

/* The number of the highest bit set in the four words; 0: none. */
uint32_t apicv_highest(const struct word words[PIR_WORDS]);

#endif
