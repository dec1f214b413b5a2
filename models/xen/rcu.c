/* SPDX-License-Identifier: Apache-2.0
 *
 * Classic RCU, for freeing domains and PIRQs: one batch at a time. A pCPU reports its quiescent state in RCU_SOFTIRQ,
 * which has a lower number than HVM_DPCI, so that it may report one while PIRQs are still on its dpci_list. Left out:
 * the limit on callbacks per softirq; force_quiescent_state, so that a pCPU which never runs softirqs delays a batch
 * for ever. Source: xen/common/rcupdate.c at f6dd295381.
 */
#include "models/xen/xen.h"

void rcu_boot(struct xen *xen)
{
    for (uint32_t i = 0; i < xen->setup->action_count; i++)
        xen->rcu.is_used |=
            xen->setup->actions[i].kind == XEN_ACTION_DESTROY || xen->setup->actions[i].kind == XEN_ACTION_UNMAP;
    if (!xen->rcu.is_used)
        return;
    lock_init(&xen->rcu.lock, lock_class_new(xen->locks, "rcu_lock"));
    line_init(xen->machine, &xen->rcu.line, LINE_PLAIN);
    word_init(&xen->rcu.batch, &xen->rcu.line, 0);
    names_add(xen->machine, &xen->rcu.batch, "rcu batch", NULL);
    xen->rcu.to_report = ARENA_ARRAY(xen->machine->arena, uint64_t, (xen->cpu_count + 63) / 64);
    for (uint32_t id = 0; id < xen->cpu_count; id++) {
        list_init(&xen->cpus[id].rcu.next);
        list_init(&xen->cpus[id].rcu.waiting);
        list_init(&xen->cpus[id].rcu.done);
    }
}

void call_rcu(struct cpu *cpu, struct rcu_head *head, void (*function)(struct cpu *cpu, void *data), void *data)
{
    head->function = function;
    head->data = data;
    list_add_tail(&head->link, &xen_cpu(cpu)->rcu.next);
}

static bool is_over(uint64_t batch, uint64_t awaited) { return batch / 2 > awaited || batch == 2 * awaited; }

void rcu_check(struct cpu *cpu)
{
    struct xen_cpu *xc = xen_cpu(cpu);
    const struct rcu_cpu *own = &xc->rcu;

    if (!xc->xen->rcu.is_used)
        return;
    uint64_t batch = word_load(cpu, &xc->xen->rcu.batch);
    bool is_asked = batch % 2 == 1 && own->reported != batch / 2;
    bool may_advance = list_is_empty(&own->waiting) ? !list_is_empty(&own->next) : is_over(batch, own->awaited);
    if (is_asked || may_advance)
        raise_softirq(cpu, RCU_SOFTIRQ);
}

/* rcu_ctrlblk.lock, under which alone `batch` is written, is held in this function and in those below that rcu_softirq
 * calls. */
static void report(struct cpu *cpu, struct xen_cpu *xc)
{
    struct rcu *rcu = &xc->xen->rcu;
    uint64_t batch = word_load_own(cpu, &rcu->batch), left = 0;

    if (batch % 2 == 0)
        return;
    xc->rcu.reported = batch / 2;
    rcu->to_report[xc->id / 64] &= ~(1ull << (xc->id % 64));
    for (uint32_t w = 0; w < (xc->xen->cpu_count + 63) / 64; w++)
        left |= rcu->to_report[w];
    if (left == 0)
        word_store(cpu, &rcu->batch, batch - 1);
}

static void start_batch(struct cpu *cpu, struct xen *xen, uint64_t number)
{
    for (uint32_t id = 0; id < xen->cpu_count; id++)
        if (!cpu_is_offline(cpu, &xen->cpus[id]))
            xen->rcu.to_report[id / 64] |= 1ull << (id % 64);
    word_store(cpu, &xen->rcu.batch, 2 * number + 1);
}

/* The callbacks of a completed batch are done, and new ones wait for the next batch. */
static void advance(struct cpu *cpu, struct rcu_cpu *own)
{
    struct xen *xen = xen_of(cpu);
    uint64_t batch = word_load_own(cpu, &xen->rcu.batch);

    if (!list_is_empty(&own->waiting) && is_over(batch, own->awaited))
        list_splice(&own->waiting, &own->done);
    if (!list_is_empty(&own->waiting) || list_is_empty(&own->next))
        return;
    list_splice(&own->next, &own->waiting);
    own->awaited = batch / 2 + 1;
}

/* Whether any pCPU waits for a batch that has not begun. */
static bool is_batch_wanted(const struct xen *xen, uint64_t batch)
{
    for (uint32_t id = 0; id < xen->cpu_count; id++)
        if (!list_is_empty(&xen->cpus[id].rcu.waiting) && xen->cpus[id].rcu.awaited > batch / 2)
            return true;
    return false;
}

void rcu_softirq(struct cpu *cpu)
{
    struct xen_cpu *xc = xen_cpu(cpu);
    struct list *done = &xc->rcu.done;

    spin_lock(cpu, &xc->xen->rcu.lock);
    report(cpu, xc);
    advance(cpu, &xc->rcu);
    uint64_t batch = word_load_own(cpu, &xc->xen->rcu.batch);
    if (batch % 2 == 0 && is_batch_wanted(xc->xen, batch))
        start_batch(cpu, xc->xen, batch / 2 + 1);
    spin_unlock(cpu, &xc->xen->rcu.lock);
    while (!list_is_empty(done)) {
        struct rcu_head *head = LIST_ENTRY(done->next, struct rcu_head, link);
        list_remove(&head->link);
        head->function(cpu, head->data);
    }
}

void rcu_cpu_dead(struct cpu *cpu, struct xen_cpu *dead)
{
    if (!dead->xen->rcu.is_used)
        return;
    spin_lock(cpu, &dead->xen->rcu.lock);
    if (word_load_own(cpu, &dead->xen->rcu.batch) / 2 != dead->rcu.reported)
        report(cpu, dead);
    spin_unlock(cpu, &dead->xen->rcu.lock);
}
