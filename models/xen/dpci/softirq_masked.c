/* SPDX-License-Identifier: Apache-2.0
 *
 * Design (c), the mailing-list patch v7: per-CPU lists and one flag. An interrupt that finds the flag set is dropped,
 * and the flag is cleared only after the delivery. Source: facts xen-dpci 1.3 (never merged).
 */
#include "models/xen/xen.h"

static void softirq_masked_raise(struct cpu *cpu, struct pirq *pirq)
{
    if (word_load(cpu, &pirq->masked) != 0) { /* c1 */
        xen_of(cpu)->statistics.dpci_dropped++;
        return;
    }
    word_store(cpu, &pirq->masked, 1); /* c2 */
    CHECK(list_is_empty(&pirq->softirq_link));
    list_add_tail(&pirq->softirq_link, &xen_cpu(cpu)->dpci_list); /* c3 */
    raise_softirq(cpu, HVM_DPCI_SOFTIRQ);                         /* c4 */
}

static void softirq_masked_action(struct cpu *cpu)
{
    struct list todo;

    cpu_irq_off(cpu);
    list_splice(&xen_cpu(cpu)->dpci_list, &todo); /* c5 */
    cpu_irq_on(cpu);
    while (!list_is_empty(&todo)) {
        struct pirq *pirq = LIST_ENTRY(todo.next, struct pirq, softirq_link);
        list_remove(&pirq->softirq_link);          /* c6 */
        spin_lock(cpu, &pirq->domain->event_lock); /* c8 */
        if (word_load(cpu, &pirq->masked) != 0)    /* c9 */
            hvm_dirq_deliver(cpu, pirq);
        spin_unlock(cpu, &pirq->domain->event_lock); /* c10 */
        word_store(cpu, &pirq->masked, 0);           /* c11 */
    }
}

const struct dpci_design dpci_softirq_masked = {
    .raise = softirq_masked_raise,
    .softirq = softirq_masked_action,
};
