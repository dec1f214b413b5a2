/* SPDX-License-Identifier: Apache-2.0
 *
 * What the designs with STATE_SCHED and STATE_RUN share: the raise (d1-d4) and the walk of the per-CPU list (d5-d13).
 * They differ in the condition for a delivery, and in what a pCPU does with a PIRQ that another pCPU is delivering.
 * models/xen/README.md names the steps. Source: f6dd295381, 104072fc1c, a2a935bc5e, 29555668b5.
 */
#ifndef MODELS_XEN_DPCI_STATES_H
#define MODELS_XEN_DPCI_STATES_H

#include "models/xen/xen.h"

/* Queues the PIRQ on this pCPU unless it is already queued; desc->lock held, interrupts off. */
void dpci_states_raise(struct cpu *cpu, struct pirq *pirq);

/* Sets `masked`, then does dpci_states_raise. */
void dpci_gated_raise(struct cpu *cpu, struct pirq *pirq);

/* The handler of HVM_DPCI_SOFTIRQ. `assist` delivers a PIRQ; `is_running` is called instead if STATE_RUN was already
 * set. In both cases the PIRQ has been unlinked. */
void dpci_states_softirq(struct cpu *cpu, void (*assist)(struct cpu *cpu, struct domain *d, struct pirq *pirq),
                         void (*is_running)(struct cpu *cpu, struct pirq *pirq));

/* `assist` of the designs with the gate: delivers if `masked` was set. */
void dpci_gated_assist(struct cpu *cpu, struct domain *d, struct pirq *pirq);

/* `is_running` of the designs that crash, and of those that queue the PIRQ again and raise the softirq. */
void dpci_running_bug(struct cpu *cpu, struct pirq *pirq);
void dpci_put_back(struct cpu *cpu, struct pirq *pirq);

/* pt_pirq_softirq_active; and pt_pirq_softirq_reset, without and with the gate. event_lock is held. */
bool dpci_states_active(struct cpu *cpu, struct pirq *pirq);
void dpci_states_reset(struct cpu *cpu, struct pirq *pirq);
void dpci_gated_reset(struct cpu *cpu, struct pirq *pirq);

#endif
