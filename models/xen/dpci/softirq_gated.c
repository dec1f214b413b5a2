/* SPDX-License-Identifier: Apache-2.0
 *
 * Design (e): (d) behind a masked gate, so that a teardown or a timeout can cancel a delivery without touching the
 * states. The BUG() is still there. Xen master until March 2015. Source: 104072fc1c.
 */
#include "models/xen/dpci/states.h"

static void softirq_gated_action(struct cpu *cpu) { dpci_states_softirq(cpu, dpci_gated_assist, dpci_running_bug); }

const struct dpci_design dpci_softirq_gated = {
    .raise = dpci_gated_raise,
    .softirq = softirq_gated_action,
    .bind_wait = DPCI_BIND_UNBOUNDED,
    .is_active = dpci_states_active,
    .reset = dpci_gated_reset,
    .forgets_active = true,
    .time_out = dpci_clear_masked,
    .cpu_dead = dpci_assert_empty,
};
