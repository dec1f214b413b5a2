/* SPDX-License-Identifier: Apache-2.0
 *
 * What the designs with STATE_SCHED and STATE_RUN share: d1-d4 and the walk of the per-CPU list, d5-d13. They differ in
 * what opens the delivery, and in what a pCPU does with a PIRQ that another one is delivering.
 * Steps are named in models/xen/README.md. Source: f6dd295381, 104072fc1c, a2a935bc5e, 29555668b5.
 */
#ifndef MODELS_XEN_DPCI_STATES_H
#define MODELS_XEN_DPCI_STATES_H

#include "models/xen/xen.h"

/* Queues the PIRQ on this pCPU unless it is queued somewhere; desc->lock held, interrupts off. */
void dpci_states_raise(struct cpu *cpu, struct pirq *pirq);

/* dpci_states_raise behind the masked gate. */
void dpci_gated_raise(struct cpu *cpu, struct pirq *pirq);

/* HVM_DPCI_SOFTIRQ. `assist` delivers; `is_running` has found STATE_RUN set: the PIRQ is off the list. */
void dpci_states_softirq(struct cpu *cpu, void (*assist)(struct cpu *cpu, struct domain *d, struct pirq *pirq),
                         void (*is_running)(struct cpu *cpu, struct pirq *pirq));

/* assist of the designs with the gate. */
void dpci_gated_assist(struct cpu *cpu, struct domain *d, struct pirq *pirq);

/* is_running of the designs that crash on it, and of those that poll through their softirq. */
void dpci_running_bug(struct cpu *cpu, struct pirq *pirq);
void dpci_put_back(struct cpu *cpu, struct pirq *pirq);

/* pt_pirq_softirq_active; pt_pirq_softirq_reset, without and with the gate. */
bool dpci_states_active(struct cpu *cpu, struct pirq *pirq);
void dpci_states_reset(struct cpu *cpu, struct pirq *pirq);
void dpci_gated_reset(struct cpu *cpu, struct pirq *pirq);

#endif
