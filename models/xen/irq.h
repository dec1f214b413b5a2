/* SPDX-License-Identifier: Apache-2.0
 *
 * Interrupts: the descriptors of the host's, and the virtual LAPIC of a vCPU.
 */
#ifndef MODELS_XEN_IRQ_H
#define MODELS_XEN_IRQ_H

#include <stdbool.h>
#include <stdint.h>

#include "machine/devices/irq_chip.h"
#include "models/locks/lock.h"
#include "models/xen/timer.h"

struct cpu;
struct device_vector;
struct domain;
struct pirq;
struct vcpu;
struct xen_cpu;

struct irq_desc {
    struct lock lock;
    struct pirq *pirq;
    struct device_vector *source;
    struct xen_cpu *cpu; /* affinity */
    uint32_t vector;
    bool is_bound;       /* a guest is in its action; protected by the lock, as all below */
    struct irq_pin *pin; /* level-triggered, masked from ack to end; NULL: an MSI, which owes no EOI */
    bool is_eoi_owed;    /* pirq->masked: the guest has not EOI'd yet */
    uint32_t in_flight;
    struct timer eoi_timer;
};

void do_irq(struct cpu *cpu, uint32_t vector);
/* Retargets the interrupt of `desc`; desc->lock is held. */
void irq_set_affinity(struct irq_desc *desc, struct xen_cpu *xc);
/* Interrupts of a pCPU that leaves the online map move to another one, with those that its LAPIC holds if so asked;
 * and messages that go anywhere come there again. Interrupts off. */
void fixup_irqs(struct cpu *cpu, bool forwards_vectors);
void irq_cpu_online(struct xen_cpu *xc);
/* At boot, after irq_boot: a level-triggered one. */
void irq_pin_boot(struct irq_desc *desc, uint32_t timeouts);
/* The guest has EOI'd, or is taken to have. */
void pirq_guest_eoi(struct cpu *cpu, struct pirq *pirq);
/* The guest is out of the action (desc->lock is held). */
void desc_guest_unbind(struct cpu *cpu, struct irq_desc *desc);
/* At boot: a vector on this pCPU, or on the next one that has any left. */
void irq_boot(struct irq_desc *desc, struct xen_cpu *xc);

void vlapic_set_irq(struct cpu *cpu, struct vcpu *v, uint32_t vector);
uint32_t vlapic_highest_irr(struct cpu *cpu, struct vcpu *v);
void vlapic_clear_irr(struct cpu *cpu, struct vcpu *v, uint32_t vector);
bool vlapic_has_irr(const struct vcpu *v);
void hvm_dpci_msi_eoi(struct cpu *cpu, struct domain *d);

#endif
