/* SPDX-License-Identifier: Apache-2.0
 *
 * STATE_SCHED: the PIRQ is queued on a pCPU's list and holds a reference to its domain. STATE_RUN: a pCPU delivers it.
 * SCHED is cleared before the delivery, so that an interrupt that arrives during the delivery queues the PIRQ again.
 * Source: f6dd295381, 104072fc1c, a2a935bc5e.
 */
#include "models/xen/dpci/states.h"

void dpci_states_raise(struct cpu *cpu, struct pirq *pirq)
{
    if (word_fetch_or(step(cpu, "d1"), &pirq->state, DPCI_STATE_SCHED) & DPCI_STATE_SCHED)
        return;
    word_fetch_add(step(cpu, "d2"), &pirq->domain->refcnt, 1);
    dpci_enqueue(cpu, pirq); /* d3 d4 */
}

void dpci_gated_raise(struct cpu *cpu, struct pirq *pirq)
{
    word_store(step(cpu, "e1"), &pirq->masked, 1);
    dpci_states_raise(cpu, pirq);
}

void dpci_gated_assist(struct cpu *cpu, struct domain *d, struct pirq *pirq) /* d11 */
{
    dpci_check_domain(cpu, d);
    spin_lock(cpu, &d->event_lock);
    if (word_xchg(step(cpu, "e2"), &pirq->masked, 0) != 0)
        hvm_dirq_deliver(cpu, pirq);
    spin_unlock(cpu, &d->event_lock);
}

void dpci_running_bug(struct cpu *cpu, struct pirq *pirq)
{
    (void)pirq;
    violation_raise(cpu, VIOLATION_MODELLED_BUG, "BUG() in dpci_softirq: STATE_RUN is set already");
}

void dpci_put_back(struct cpu *cpu, struct pirq *pirq) /* d9' */
{
    cpu_irq_off(cpu);
    if (!list_is_empty(&pirq->softirq_link))
        violation_raise(cpu, VIOLATION_LIST_CORRUPTION, "the put-back of a softirq_list that is linked");
    list_add_tail(&pirq->softirq_link, &xen_cpu(cpu)->dpci_list);
    cpu_irq_on(cpu);
    raise_softirq(cpu, HVM_DPCI_SOFTIRQ);
    xen_of(cpu)->statistics.dpci_requeues++;
}

bool dpci_states_active(struct cpu *cpu, struct pirq *pirq) { return word_load(cpu, &pirq->state) != 0; }

/* Cancels a queued delivery, but leaves the PIRQ linked. A delivery in progress continues, and `dom` is cleared. */
void dpci_states_reset(struct cpu *cpu, struct pirq *pirq)
{
    struct domain *d = pirq_dom(step(cpu, "d14"), pirq);
    uint64_t state = word_cas(step(cpu, "d15"), &pirq->state, DPCI_STATE_SCHED, 0);

    if (state == DPCI_STATE_SCHED)
        put_domain(cpu, d);
    if (state != 0)
        dpci_clear_dom(cpu, pirq);
}

void dpci_gated_reset(struct cpu *cpu, struct pirq *pirq)
{
    dpci_states_reset(cpu, pirq);
    word_store(step(cpu, "e3"), &pirq->masked, 0);
}

void dpci_states_softirq(struct cpu *cpu, void (*assist)(struct cpu *cpu, struct domain *d, struct pirq *pirq),
                         void (*is_running)(struct cpu *cpu, struct pirq *pirq))
{
    struct list *todo = &xen_cpu(cpu)->dpci_todo;

    cpu_irq_off(cpu);
    list_splice(&xen_cpu(cpu)->dpci_list, todo); /* d5 */
    cpu_irq_on(cpu);
    while (!list_is_empty(todo)) {
        struct pirq *pirq = LIST_ENTRY(todo->next, struct pirq, softirq_link);
        list_remove(&pirq->softirq_link); /* d6 */
        struct domain *d = pirq_dom(step(cpu, "d7"), pirq);
        if (word_fetch_or(step(cpu, "d9"), &pirq->state, DPCI_STATE_RUN) & DPCI_STATE_RUN) {
            is_running(cpu, pirq);
            continue;
        }
        if (word_fetch_and(step(cpu, "d10"), &pirq->state, ~(uint64_t)DPCI_STATE_SCHED) & DPCI_STATE_SCHED) {
            assist(cpu, d, pirq);
            put_domain(step(cpu, "d12"), d);
        }
        word_fetch_and(step(cpu, "d13"), &pirq->state, ~(uint64_t)DPCI_STATE_RUN);
    }
}
