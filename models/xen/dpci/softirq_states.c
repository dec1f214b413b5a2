/* SPDX-License-Identifier: Apache-2.0
 *
 * Design (d): per-CPU lists, STATE_SCHED and STATE_RUN, and a BUG() if two pCPUs are about to deliver the same PIRQ.
 * Xen master for twelve days of November 2014. Source: f6dd295381.
 */
#include "models/xen/dpci/states.h"

static void assist(struct cpu *cpu, struct domain *d, struct pirq *pirq) /* d11 */
{
    dpci_check_domain(cpu, d);
    spin_lock(cpu, &d->event_lock);
    if (word_load(cpu, &pirq->state) != 0)
        hvm_dirq_deliver(cpu, pirq);
    spin_unlock(cpu, &d->event_lock);
}

static void softirq_states_action(struct cpu *cpu) { dpci_states_softirq(cpu, assist, dpci_running_bug); }

/* Clears the states even if the PIRQ is queued or being delivered; a queued PIRQ stays on its list. */
static void softirq_states_time_out(struct cpu *cpu, struct pirq *pirq) { word_store(cpu, &pirq->state, 0); }

const struct design xen_softirq_states = {
    .family = &xen_family,
    .name = "softirq-states",
    .summary = "per-CPU lists, SCHED and RUN states; crashes when two pCPUs meet",
    .mirrors = "Xen f6dd295381, 2014-11-12",
    .options =
        &(const struct dpci_design){
            .raise = dpci_states_raise,
            .softirq = softirq_states_action,
            .bind_wait = DPCI_BIND_UNBOUNDED,
            .is_active = dpci_states_active,
            .reset = dpci_states_reset,
            .forgets_active = true,
            .time_out = softirq_states_time_out,
            .cpu_dead = dpci_assert_empty,
        },
};
