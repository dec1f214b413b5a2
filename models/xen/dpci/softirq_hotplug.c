/* SPDX-License-Identifier: Apache-2.0
 *
 * Design (g): (f), and the list of a pCPU that went offline moves to a surviving one. Xen 4.20, backported to 4.18.
 * Left out: event_lock as a reader-writer lock (4.17). Source: facts xen-dpci 1.7 (29555668b5).
 */
#include "models/xen/dpci/states.h"

static void softirq_hotplug_action(struct cpu *cpu) { dpci_states_softirq(cpu, dpci_gated_assist, dpci_put_back); }

const struct dpci_design dpci_softirq_hotplug = {
    .raise = dpci_gated_raise,
    .softirq = softirq_hotplug_action,
    .bind_wait = DPCI_BIND_UNBOUNDED,
    .is_active = dpci_states_active,
    .reset = dpci_gated_reset,
};
