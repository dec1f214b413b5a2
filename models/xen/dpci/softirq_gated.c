/* SPDX-License-Identifier: Apache-2.0
 *
 * Design (e): (d) with a gate: a delivery happens only if it finds `masked` set, so that a teardown or a timeout can
 * cancel it without changing the states. It still has the BUG() of (d). Xen master until March 2015.
 * Source: 104072fc1c.
 */
#include "models/xen/dpci/states.h"

static void softirq_gated_action(struct cpu *cpu) { dpci_states_softirq(cpu, dpci_gated_assist, dpci_running_bug); }

const struct design xen_softirq_gated = {
    .family = &xen_family,
    .name = "softirq-gated",
    .summary = "softirq-states behind a masked gate; still crashes",
    .mirrors = "Xen 4.5.0-rc3, 104072fc1c",
    .options =
        &(const struct dpci_design){
            .raise = dpci_gated_raise,
            .has_gate = true,
            .softirq = softirq_gated_action,
            .bind_wait = DPCI_BIND_UNBOUNDED,
            .is_active = dpci_states_active,
            .reset = dpci_gated_reset,
            .forgets_active = true,
            .time_out = dpci_clear_masked,
            .cpu_dead = dpci_assert_empty,
        },
};
