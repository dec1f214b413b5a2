/* SPDX-License-Identifier: Apache-2.0
 *
 * Design (g): (f), except that the list of a pCPU that has gone offline moves to a surviving one. Xen 4.20, backported
 * to 4.18. Left out: event_lock as a reader-writer lock (4.17). Source: 29555668b5.
 */
#include "models/xen/dpci/states.h"

static void softirq_hotplug_action(struct cpu *cpu) { dpci_states_softirq(cpu, dpci_gated_assist, dpci_put_back); }

/* Moves the list to the head of the list of this pCPU, which has taken the other one down. */
static void softirq_hotplug_dead(struct cpu *cpu, struct xen_cpu *dead)
{
    struct list *list = &xen_cpu(cpu)->dpci_list;

    if (list_is_empty(&dead->dpci_list))
        return;
    cpu_irq_off(cpu);
    while (!list_is_empty(&dead->dpci_list)) {
        struct list *last = dead->dpci_list.previous;
        list_remove(last);
        list_insert_before(last, list->next);
    }
    raise_softirq(cpu, HVM_DPCI_SOFTIRQ);
    cpu_irq_on(cpu);
}

const struct design xen_softirq_hotplug = {
    .family = &xen_family,
    .name = "softirq-hotplug",
    .summary = "softirq-requeue whose lists survive CPU offline",
    .mirrors = "Xen 4.20, 29555668b5",
    .options =
        &(const struct dpci_design){
            .raise = dpci_gated_raise,
            .has_gate = true,
            .softirq = softirq_hotplug_action,
            .bind_wait = DPCI_BIND_UNBOUNDED,
            .starts_masked = true,
            .is_active = dpci_states_active,
            .reset = dpci_gated_reset,
            .masks_msi = true,
            .cpu_dead = softirq_hotplug_dead,
            .forwards_vectors = true,
            .checks_cleanup = true,
        },
};
