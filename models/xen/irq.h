/* SPDX-License-Identifier: Apache-2.0
 *
 * Physical interrupts and their descriptors (irq.c), and the virtual LAPIC of a vCPU (vlapic.c).
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
    struct xen_cpu *cpu; /* the pCPU that the interrupt is routed to */
    uint32_t vector;
    bool is_bound;       /* a guest is in its action; this and the fields below are protected by the lock */
    struct irq_pin *pin; /* level-triggered: masked from ack to end; NULL for an MSI, which needs no guest EOI */
    bool is_eoi_owed;    /* pirq->masked in Xen: the guest has not sent its EOI yet */
    uint32_t in_flight;  /* EOIs that the guest still owes */
    struct timer eoi_timer;
};

/* Sends an IPI after all earlier stores are visible, as send_IPI_mask_x2apic_phys does (genapic/x2apic.c at
 * 01140da4e8): the write of the ICR alone does not wait for them. */
void send_IPI(struct cpu *cpu, struct cpu *target, uint32_t vector);

/* Handles a device vector: acknowledges it and calls the design's raise. Interrupts off. */
void do_irq(struct cpu *cpu, uint32_t vector);
/* Routes the interrupt to `xc`, unless `xc` has no free vector; desc->lock is held. */
void irq_set_affinity(struct irq_desc *desc, struct xen_cpu *xc);
/* Moves the interrupts of a pCPU that has left the online map to another one; `forwards_vectors`: with an IPI for each
 * that is pending in its LAPIC. Interrupts off. */
void fixup_irqs(struct cpu *cpu, bool forwards_vectors);
/* Lets messages that may reach any pCPU reach this one again. */
void irq_cpu_online(struct xen_cpu *xc);
/* At boot, after irq_boot: makes the interrupt level-triggered. `timeouts`: how often its EOI timer may expire when
 * explored. */
void irq_pin_boot(struct irq_desc *desc, uint32_t timeouts);
/* Ends a level-triggered interrupt after the guest's EOI or its timeout; does nothing for an MSI. */
void pirq_guest_eoi(struct cpu *cpu, struct pirq *pirq);
/* Removes the guest from the interrupt's action; desc->lock is held. */
void desc_guest_unbind(struct cpu *cpu, struct irq_desc *desc);
/* At boot: allocates a vector on this pCPU, or on the next one that has a free vector. */
void irq_boot(struct irq_desc *desc, struct xen_cpu *xc);

/* Makes a virtual interrupt pending in the vCPU and wakes or kicks the vCPU. */
void vlapic_set_irq(struct cpu *cpu, struct vcpu *v, uint32_t vector);
/* The highest pending vector; 0 if none is pending. */
uint32_t vlapic_highest_irr(struct cpu *cpu, struct vcpu *v);
void vlapic_clear_irr(struct cpu *cpu, struct vcpu *v, uint32_t vector);
bool vlapic_has_irr(struct cpu *cpu, struct vcpu *v);
/* The walk over the domain's PIRQs, under event_lock, for a guest's EOI of an MSI. */
/* ACKTYPE_UNMASK, of an interrupt on a pin; desc->lock is held. */
void desc_guest_eoi(struct cpu *cpu, struct irq_desc *desc);
void hvm_dpci_msi_eoi(struct cpu *cpu, struct domain *d, uint32_t vector);

#endif
