/* SPDX-License-Identifier: Apache-2.0
 *
 * Posted interrupts (posted/), as the rest of the Xen model calls them. Only the functions about IRTEs, about a
 * domain's devices, about hotplug and about metrics may be called when interrupts are not posted (`posted` is NULL);
 * those do nothing then.
 */
#ifndef MODELS_XEN_POSTED_H
#define MODELS_XEN_POSTED_H

#include <stdbool.h>
#include <stdint.h>

#include "machine/property.h"
#include "models/xen/xen.h"

/* At boot, after the domains: descriptors, IRTEs, hooks and blocking lists, without time. */
void posted_boot(struct xen *xen);

/* Hooks of vcpu_block and of the context switch; README.md names the steps. */
void posted_vcpu_block(struct cpu *cpu, struct vcpu *v);
void posted_switch_from(struct cpu *cpu, struct vcpu *v);
void posted_switch_to(struct cpu *cpu, struct vcpu *v);
/* vmx_intr_assist: merges the PIR and sets what the next VM entry injects. */
void posted_intr_assist(struct cpu *cpu, struct vcpu *v);
/* vmx_pi_do_resume, just before VM entry: interrupts are off and no softirq is pending. */
void posted_vmenter(struct cpu *cpu, struct vcpu *v);
/* Whether an upcall or an interrupt is pending, so that vcpu_block must not block. */
bool posted_event_is_deliverable(struct cpu *cpu, struct vcpu *v);
/* Posts a virtual interrupt from software. */
void posted_deliver(struct cpu *cpu, struct vcpu *v, uint32_t vector);
/* Handlers of the two vectors in root mode. */
void posted_notification_interrupt(struct cpu *cpu);
void posted_wakeup_interrupt(struct cpu *cpu);

/* Update the PIRQ's IRTE, if it has one, after a new or changed binding, at an unbind, and after the host has moved the
 * interrupt (desc->lock is held for the last one). */
void posted_bind(struct cpu *cpu, struct pirq *pirq);
void posted_unbind(struct cpu *cpu, struct pirq *pirq);
void posted_affinity_changed(struct cpu *cpu, struct pirq *pirq);
/* Whether the interrupt keeps its affinity when its vCPU migrates. */
bool posted_stays(const struct pirq *pirq);
/* Records that this vector of the vCPU belongs to the PIRQ. */
void posted_handler_set(struct vcpu *v, uint32_t vector, struct pirq *pirq);

/* Assign a device to the domain, deassign one, or all; pcidevs_lock is held. HYPERCALL_RESTART when a vCPU of the
 * domain is current on this pCPU. */
void posted_assign(struct cpu *cpu, struct domain *d);
enum hypercall_result posted_deassign(struct cpu *cpu, struct domain *d);
enum hypercall_result posted_deassign_all(struct cpu *cpu, struct domain *d);

/* For CPU_DEAD: moves the blocking list of `dead` to this pCPU. For CPU_UP_PREPARE: initialises the list. */
void posted_cpu_dead(struct cpu *cpu, struct xen_cpu *dead);
void posted_cpu_init(struct xen_cpu *xc);

void posted_measure(struct xen *xen);
void posted_metrics(struct xen *xen, struct metrics *metrics);
extern const struct metric_table posted_metric_table; /* besides iommu_metric_table */
bool posted_is_in_pir(const struct vcpu *v, uint32_t vector);
/* Whether the vector is in the vCPU's PIR and the next VM exit merges it, because ON is set. */
bool posted_is_synced_by_exit(const struct vcpu *v, uint32_t vector);

extern const struct property posted_torn, posted_entries, posted_lists, posted_irtes;

#endif
