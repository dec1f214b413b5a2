/* SPDX-License-Identifier: Apache-2.0
 *
 * Design (c), the mailing-list patch v7: per-CPU lists and one flag, `masked`. An interrupt that finds the flag set is
 * dropped, and the flag is cleared only after the delivery, so an interrupt that arrives during the delivery is lost.
 * Source: the patch on xen-devel, v7; never merged.
 */
#include "models/xen/xen.h"

static void softirq_masked_raise(struct cpu *cpu, struct pirq *pirq)
{
    if (word_load(step(cpu, "c1"), &pirq->masked) != 0) {
        xen_of(cpu)->statistics.dpci_dropped++;
        return;
    }
    word_store(step(cpu, "c2"), &pirq->masked, 1);
    dpci_enqueue(cpu, pirq); /* c3 c4 */
}

static void assist(struct cpu *cpu, struct pirq *pirq)
{
    struct domain *d = pirq_dom(step(cpu, "c7"), pirq);

    if (d == NULL)
        return;
    dpci_check_domain(cpu, d);
    spin_lock(step(cpu, "c8"), &d->event_lock);
    if (word_load(step(cpu, "c9"), &pirq->masked) != 0)
        hvm_dirq_deliver(cpu, pirq);
    spin_unlock(step(cpu, "c10"), &d->event_lock);
}

static bool softirq_masked_active(struct cpu *cpu, struct pirq *pirq) { return word_load(cpu, &pirq->masked) != 0; }

static void softirq_masked_action(struct cpu *cpu)
{
    struct list *todo = &xen_cpu(cpu)->dpci_todo;

    cpu_irq_off(cpu);
    list_splice(&xen_cpu(cpu)->dpci_list, todo); /* c5 */
    cpu_irq_on(cpu);
    while (!list_is_empty(todo)) {
        struct pirq *pirq = LIST_ENTRY(todo->next, struct pirq, softirq_link);
        list_remove(&pirq->softirq_link); /* c6 */
        assist(cpu, pirq);
        word_store(step(cpu, "c11"), &pirq->masked, 0);
    }
}

const struct design xen_softirq_masked = {
    .family = &xen_family,
    .name = "softirq-masked",
    .summary = "per-CPU lists, one flag; loses interrupts",
    .mirrors = "xen-devel patch v7, 2014, never merged",
    .options =
        &(const struct dpci_design){
            .raise = softirq_masked_raise,
            .softirq = softirq_masked_action,
            .bind_wait = DPCI_BIND_ONE_SECOND,
            .is_active = softirq_masked_active,
            .reset = dpci_clear_dom,
            .forgets_active = true,
            .time_out = dpci_clear_masked,
            .cpu_dead = dpci_assert_empty,
        },
};
