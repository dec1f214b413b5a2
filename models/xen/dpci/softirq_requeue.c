/* SPDX-License-Identifier: Apache-2.0
 *
 * Design (f): per-CPU lists, STATE_SCHED and STATE_RUN, the gate of (e), and the put-back: a pCPU that finds another
 * pCPU delivering the PIRQ queues it again and raises its softirq, and so polls. Xen 4.6 to 4.19. Source:
 * f6dd295381, 104072fc1c, a2a935bc5e.
 */
#include "models/xen/dpci/states.h"

static void softirq_requeue_action(struct cpu *cpu) { dpci_states_softirq(cpu, dpci_gated_assist, dpci_put_back); }

const struct design xen_softirq_requeue = {
    .family = &xen_family,
    .name = "softirq-requeue",
    .summary = "per-CPU lists, SCHED and RUN states, masked gate, put-back",
    .mirrors = "Xen 4.6, a2a935bc5e",
    .options =
        &(const struct dpci_design){
            .raise = dpci_gated_raise,
            .has_gate = true,
            .softirq = softirq_requeue_action,
            .bind_wait = DPCI_BIND_UNBOUNDED,
            .starts_masked = true,
            .is_active = dpci_states_active,
            .reset = dpci_gated_reset,
            .forgets_active = true,
            .time_out = dpci_clear_masked,
            .cpu_dead = dpci_assert_empty,
        },
};
