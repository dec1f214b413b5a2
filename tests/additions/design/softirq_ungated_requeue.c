/* SPDX-License-Identifier: Apache-2.0
 *
 * The put-back of softirq-requeue without the masked gate: the code that Xen would have had if a2a935bc5e had come
 * before 104072fc1c. Xen never had it.
 */
#include "models/xen/dpci/states.h"

static void assist(struct cpu *cpu, struct domain *d, struct pirq *pirq)
{
    dpci_check_domain(cpu, d);
    spin_lock(cpu, &d->event_lock);
    if (word_load(cpu, &pirq->state) != 0)
        hvm_dirq_deliver(cpu, pirq);
    spin_unlock(cpu, &d->event_lock);
}

static void ungated_requeue_action(struct cpu *cpu) { dpci_states_softirq(cpu, assist, dpci_put_back); }

const struct design xen_softirq_ungated_requeue = {
    .family = &xen_family,
    .name = "softirq-ungated-requeue",
    .summary = "per-CPU lists, SCHED and RUN states, put-back, no gate",
    .mirrors = "none",
    .options =
        &(const struct dpci_design){
            .raise = dpci_states_raise,
            .softirq = ungated_requeue_action,
            .bind_wait = DPCI_BIND_UNBOUNDED,
            .is_active = dpci_states_active,
            .reset = dpci_states_reset,
            .forgets_active = true,
            .cpu_dead = dpci_assert_empty,
        },
};
