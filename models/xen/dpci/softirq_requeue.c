/* SPDX-License-Identifier: Apache-2.0
 *
 * Design (f): per-CPU lists, STATE_SCHED and STATE_RUN, the masked gate, and the put-back: a pCPU that finds the PIRQ
 * being delivered elsewhere queues it again and polls through its softirq. Xen 4.6 to 4.19. Source: facts
 * xen-dpci 1.4-1.6 (f6dd295381, 104072fc1c, a2a935bc5e).
 */
#include "models/xen/xen.h"

static void softirq_requeue_raise(struct cpu *cpu, struct pirq *pirq)
{
    word_store(cpu, &pirq->masked, 1);                                         /* e1 */
    if (word_fetch_or(cpu, &pirq->state, DPCI_STATE_SCHED) & DPCI_STATE_SCHED) /* d1 */
        return;
    word_fetch_add(cpu, &pirq->domain->refcnt, 1); /* d2 */
    CHECK(list_is_empty(&pirq->softirq_link));
    list_add_tail(&pirq->softirq_link, &xen_cpu(cpu)->dpci_list); /* d3 */
    raise_softirq(cpu, HVM_DPCI_SOFTIRQ);                         /* d4 */
}

static void put_back(struct cpu *cpu, struct pirq *pirq) /* d9' */
{
    cpu_irq_off(cpu);
    list_add_tail(&pirq->softirq_link, &xen_cpu(cpu)->dpci_list);
    cpu_irq_on(cpu);
    raise_softirq(cpu, HVM_DPCI_SOFTIRQ);
    xen_of(cpu)->statistics.dpci_requeues++;
}

static void assist(struct cpu *cpu, struct pirq *pirq) /* d11 */
{
    spin_lock(cpu, &pirq->domain->event_lock);
    if (word_xchg(cpu, &pirq->masked, 0) != 0) /* e2 */
        hvm_dirq_deliver(cpu, pirq);
    spin_unlock(cpu, &pirq->domain->event_lock);
}

static void softirq_requeue_action(struct cpu *cpu)
{
    struct list todo;

    cpu_irq_off(cpu);
    list_splice(&xen_cpu(cpu)->dpci_list, &todo); /* d5 */
    cpu_irq_on(cpu);
    while (!list_is_empty(&todo)) {
        struct pirq *pirq = LIST_ENTRY(todo.next, struct pirq, softirq_link);
        list_remove(&pirq->softirq_link);                                        /* d6 */
        if (word_fetch_or(cpu, &pirq->state, DPCI_STATE_RUN) & DPCI_STATE_RUN) { /* d9 */
            put_back(cpu, pirq);
            continue;
        }
        if (word_fetch_and(cpu, &pirq->state, ~(uint64_t)DPCI_STATE_SCHED) & DPCI_STATE_SCHED) { /* d10 */
            assist(cpu, pirq);
            word_fetch_add(cpu, &pirq->domain->refcnt, UINT64_MAX); /* d12 */
        }
        word_fetch_and(cpu, &pirq->state, ~(uint64_t)DPCI_STATE_RUN); /* d13 */
    }
}

const struct dpci_design dpci_softirq_requeue = {
    .raise = softirq_requeue_raise,
    .softirq = softirq_requeue_action,
};
