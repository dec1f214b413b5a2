/* SPDX-License-Identifier: Apache-2.0
 *
 * What the rest of Xen calls of posted interrupts (posted/): all but the calls about IRTEs, about a domain's devices
 * and about metrics only where there is a `posted`.
 */
#ifndef MODELS_XEN_POSTED_H
#define MODELS_XEN_POSTED_H

#include <stdbool.h>
#include <stdint.h>

#include "machine/property.h"
#include "models/xen/xen.h"

void posted_boot(struct xen *xen);
void posted_vcpu_block(struct cpu *cpu, struct vcpu *v);
void posted_switch_from(struct cpu *cpu, struct vcpu *v);
void posted_switch_to(struct cpu *cpu, struct vcpu *v);
void posted_intr_assist(struct cpu *cpu, struct vcpu *v);
/* Interrupts are off, and no softirq is pending: guest mode is next. */
void posted_vmenter(struct cpu *cpu, struct vcpu *v);
bool posted_event_is_deliverable(struct cpu *cpu, struct vcpu *v);
void posted_deliver(struct cpu *cpu, struct vcpu *v, uint32_t vector);
void posted_notification_interrupt(struct cpu *cpu);
void posted_wakeup_interrupt(struct cpu *cpu);

/* Of an IRTE, if there is one: a binding is new or changed, is over, the host has moved the interrupt. */
void posted_bind(struct cpu *cpu, struct pirq *pirq);
void posted_unbind(struct cpu *cpu, struct pirq *pirq);
void posted_affinity_changed(struct cpu *cpu, struct pirq *pirq);
/* Whether a migrating vCPU leaves the interrupt where it is. */
bool posted_stays(const struct pirq *pirq);
/* A guest vector stands for this PIRQ from now on. */
void posted_handler_set(struct vcpu *v, uint32_t vector, struct pirq *pirq);

/* A device comes to the domain, or goes; pcidevs_lock is held. */
void posted_assign(struct cpu *cpu, struct domain *d);
enum hypercall_result posted_deassign(struct cpu *cpu, struct domain *d);
enum hypercall_result posted_deassign_all(struct cpu *cpu, struct domain *d);

/* CPU_DEAD, and CPU_UP_PREPARE. */
void posted_cpu_dead(struct cpu *cpu, struct xen_cpu *dead);
void posted_cpu_init(struct xen_cpu *xc);

void posted_measure(struct xen *xen);
void posted_metrics(struct xen *xen, struct metrics *metrics);
extern const struct metric_table posted_metric_table; /* besides iommu_metric_table */
/* Its bits stand in a PIR, or are about to. */
bool posted_is_in_flight(const struct pirq *pirq);

extern const struct property posted_torn, posted_entries, posted_lists, posted_irtes;

#endif
