/* SPDX-License-Identifier: Apache-2.0
 *
 * Design (f): per-CPU lists, STATE_SCHED and STATE_RUN, the masked gate, and the put-back: a pCPU that finds the
 * PIRQ being delivered elsewhere queues it again and polls through its softirq. Xen 4.6 to 4.19. Source:
 * f6dd295381, 104072fc1c, a2a935bc5e.
 */
#include "models/xen/dpci/states.h"

static void softirq_requeue_action(struct cpu *cpu) { dpci_states_softirq(cpu, dpci_gated_assist, dpci_put_back); }

const struct dpci_design dpci_softirq_requeue = {
    .raise = dpci_gated_raise,
    .softirq = softirq_requeue_action,
    .bind_wait = DPCI_BIND_UNBOUNDED,
    .is_active = dpci_states_active,
    .reset = dpci_gated_reset,
    .forgets_active = true,
    .time_out = dpci_clear_masked,
    .cpu_dead = dpci_assert_empty,
};
