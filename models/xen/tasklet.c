/* SPDX-License-Identifier: Apache-2.0
 *
 * Softirq tasklets under the one global tasklet_lock, which is acquired three times for each tasklet that is scheduled
 * and executed: in tasklet_schedule, at the start of the softirq action, and after the function. Each pass of the
 * softirq runs one tasklet, so that softirqs of lower numbers run in between. A tasklet that is scheduled while it runs
 * is queued when its function has returned, on the pCPU that scheduled it last. A tasklet that runs in the context of
 * the idle vCPU preempts the vCPU of its pCPU: schedule() picks the idle vCPU, which is a lazy context switch, and
 * do_tasklet_work then has the preempted vCPU's state saved after all (sync_local_execstate).
 * Source: xen/common/tasklet.c at f6dd295381.
 */
#include "models/xen/own_code.h"
#include "models/xen/xen.h"

void tasklet_init(struct tasklet *tasklet, void (*function)(struct cpu *, void *), void *data)
{
    *tasklet = (struct tasklet){ .scheduled_on = -1, .function = function, .data = data };
    list_init(&tasklet->link);
}

/* The cause to charge if the cycles of this acquisition fall into RUNNING. */
static enum running_cause cause_of(const struct xen_cpu *xc, const struct tasklet *tasklet)
{
    if (tasklet == NULL || tasklet->function != hvm_assert_evtchn_irq_fn)
        return CAUSE_PASSTHROUGH;
    if (tasklet->enqueued_while_running_guest)
        return CAUSE_TIMER_WHILE_RUNNING;
    return xc->current != tasklet->data && xc->current->was_woken_by_tasklet ? CAUSE_REST_OF_LIST
                                                                             : CAUSE_WOKEN_ELSEWHERE;
}

bool tasklet_lock_take(struct cpu *cpu, const struct tasklet *tasklet)
{
    struct xen_cpu *xc = xen_cpu(cpu);
    struct lock_clock *clock = &xc->lock_clock;

    if (clock->depth++ == 0) {
        clock->since = now_of(cpu);
        clock->cause = cause_of(xc, tasklet);
    }
    bool was_on = spin_lock_irqsave(cpu, &xc->xen->tasklet_lock);
    xc->xen->tasklet_counts.takes++;
    return was_on;
}

void tasklet_lock_give(struct cpu *cpu, bool was_on)
{
    struct xen_cpu *xc = xen_cpu(cpu);
    struct lock_clock *clock = &xc->lock_clock;

    spin_unlock(cpu, &xc->xen->tasklet_lock);
    if (--clock->depth == 0) {
        cycles spent = now_of(cpu) - clock->since;
        clock->total += spent;
        clock->by_cause[clock->cause] += spent;
    }
    cpu_irq_restore(cpu, was_on);
}

enum { TASKLET_ENQUEUED = 1, TASKLET_SCHEDULED = 2 };

static void idle_tasklet_enqueue(struct cpu *cpu, struct tasklet *tasklet, struct xen_cpu *on)
{
    list_add_tail(&tasklet->link, &on->idle_tasklets);
    if (!(word_fetch_or(cpu, &on->tasklet_work_to_do, TASKLET_ENQUEUED) & TASKLET_ENQUEUED))
        cpu_raise_softirq(cpu, on, SCHEDULE_SOFTIRQ);
}

/* tasklet_lock is held, also while the IPI is sent. */
void tasklet_enqueue(struct cpu *cpu, struct tasklet *tasklet)
{
    struct xen_cpu *on = &xen_of(cpu)->cpus[tasklet->scheduled_on];

    if (tasklet->runs_in_idle) {
        idle_tasklet_enqueue(cpu, tasklet, on);
        return;
    }
    bool was_empty = list_is_empty(&on->softirq_tasklets);

    line_touch_write(cpu, &on->tasklet_line);
    list_add_tail(&tasklet->link, &on->softirq_tasklets);
    if (was_empty)
        cpu_raise_softirq(cpu, on, TASKLET_SOFTIRQ);
}

void tasklet_link(struct cpu *cpu, struct tasklet *tasklet)
{
    if (tasklet->is_running)
        return;
    list_remove(&tasklet->link);
    tasklet_enqueue(cpu, tasklet);
}

void tasklet_unlink(struct cpu *cpu, struct tasklet *tasklet)
{
    (void)cpu;
    list_remove(&tasklet->link);
    tasklet->scheduled_on = -1;
}

bool tasklet_is_running(const struct tasklet *tasklet) { return tasklet->is_running; }

const struct tasklet_operations tasklet_2014 = {
    .link = tasklet_link,
    .relink = tasklet_enqueue,
    .unlink = tasklet_unlink,
    .is_alive = tasklet_is_running,
};

void tasklet_schedule(struct cpu *cpu, struct tasklet *tasklet) { tasklet_schedule_on_cpu(cpu, tasklet, xen_cpu(cpu)); }

void tasklet_schedule_on_cpu(struct cpu *cpu, struct tasklet *tasklet, struct xen_cpu *on)
{
    struct xen_cpu *xc = xen_cpu(cpu);

    tasklet->enqueued_while_running_guest = !is_idle_vcpu(xc->current);
    if (own_has_tasklets(xc->xen)) {
        own_tasklet_schedule(cpu, tasklet, on);
        return;
    }
    bool was_on = tasklet_lock_take(cpu, tasklet);
    xc->xen->tasklet_counts.schedules++;
    cpu_spend_software(cpu, xen_costs(cpu)->tasklet_hold);
    if (!tasklet->is_dead) {
        tasklet->scheduled_on = (int32_t)on->id;
        xc->xen->tasklets->link(cpu, tasklet);
    }
    tasklet_lock_give(cpu, was_on);
}

void tasklet_kill(struct cpu *cpu, struct tasklet *tasklet)
{
    if (own_has_tasklets(xen_of(cpu))) {
        own_tasklet_kill(cpu, tasklet);
        return;
    }
    bool was_on = tasklet_lock_take(cpu, tasklet);

    xen_of(cpu)->tasklet_counts.teardowns++;
    xen_of(cpu)->tasklets->unlink(cpu, tasklet);
    tasklet->is_dead = true;
    while (xen_of(cpu)->tasklets->is_alive(tasklet)) {
        tasklet_lock_give(cpu, was_on);
        cpu_relax(cpu);
        was_on = tasklet_lock_take(cpu, tasklet);
        xen_of(cpu)->tasklet_counts.teardowns++;
    }
    tasklet_lock_give(cpu, was_on);
}

static struct tasklet *first_of(const struct list *list)
{
    return list_is_empty(list) ? NULL : LIST_ENTRY(list->next, struct tasklet, link);
}

static struct tasklet *first_tasklet(const struct xen_cpu *xc) { return first_of(&xc->softirq_tasklets); }

bool tasklet_is_on(const struct tasklet *tasklet, const struct xen_cpu *xc)
{
    if (own_has_tasklets(xc->xen))
        return own_tasklet_is_queued(tasklet, xc);
    for (const struct list *at = xc->softirq_tasklets.next; at != &xc->softirq_tasklets; at = at->next)
        if (at == &tasklet->link)
            return true;
    return false;
}

static void migrate(struct cpu *cpu, const struct list *list)
{
    for (struct tasklet *tasklet; (tasklet = first_of(list)) != NULL;) {
        list_remove(&tasklet->link);
        tasklet->scheduled_on = (int32_t)cpu->id;
        tasklet_enqueue(cpu, tasklet);
    }
}

void tasklet_migrate(struct cpu *cpu, struct xen_cpu *dead)
{
    if (own_has_tasklets(xen_of(cpu)))
        return; /* its CPU notifier does it */
    bool was_on = tasklet_lock_take(cpu, NULL);

    xen_of(cpu)->tasklet_counts.teardowns++;
    migrate(cpu, &dead->idle_tasklets);
    migrate(cpu, &dead->softirq_tasklets);
    tasklet_lock_give(cpu, was_on);
}

/* do_tasklet_work: called with tasklet_lock held, and returns with it held; drops it around the tasklet's function. */
static bool work(struct cpu *cpu, struct tasklet *tasklet, bool was_on)
{
    list_remove(&tasklet->link);
    if (tasklet->is_running || tasklet->scheduled_on != (int32_t)cpu->id) /* w2 */
        violation_raise(cpu, VIOLATION_MODELLED_BUG,
                        "BUG_ON(t->is_running || t->scheduled_on != cpu) in do_tasklet_work");
    tasklet->scheduled_on = -1;
    tasklet->is_running = true;
    tasklet_lock_give(cpu, was_on);

    sync_local_execstate(cpu);
    tasklet->function(cpu, tasklet->data);

    was_on = tasklet_lock_take(cpu, tasklet);
    xen_of(cpu)->tasklet_counts.ended++;
    cpu_spend_software(cpu, xen_costs(cpu)->tasklet_hold);
    tasklet->is_running = false;
    if (tasklet->scheduled_on >= 0)
        xen_of(cpu)->tasklets->relink(cpu, tasklet);
    return was_on;
}

void tasklet_softirq_action(struct cpu *cpu)
{
    struct xen_cpu *xc = xen_cpu(cpu);

    if (own_has_tasklets(xc->xen)) {
        own_tasklet_softirq(cpu);
        return;
    }
    bool was_on = tasklet_lock_take(cpu, first_tasklet(xc));
    struct tasklet *tasklet = first_tasklet(xc);

    CHECK(was_on);
    cpu_trace(cpu, TRACE_FOR, tasklet != NULL ? tasklet->owner : TRACE_NOBODY, 0, 0, 0);
    /* Counted together with the acquisition, because a run may end in the middle of the pass. */
    (*(tasklet != NULL ? &xc->xen->tasklet_counts.started : &xc->xen->tasklet_counts.empty_passes))++;
    cpu_spend_software(cpu, xen_costs(cpu)->tasklet_hold);
    line_touch_write(cpu, &xc->tasklet_line);
    if (tasklet != NULL)
        was_on = work(cpu, tasklet, was_on);
    if (first_tasklet(xc) != NULL)
        raise_softirq(cpu, TASKLET_SOFTIRQ);
    tasklet_lock_give(cpu, was_on);
}

/* --- in the context of the idle vCPU --- */

bool tasklet_work_scheduled(struct cpu *cpu)
{
    struct xen_cpu *xc = xen_cpu(cpu);

    if (!xc->xen->has_idle_tasklets)
        return false;
    if (own_has_tasklets(xc->xen))
        return own_tasklet_scheduled(cpu);
    switch (word_load(cpu, &xc->tasklet_work_to_do)) {
    case TASKLET_ENQUEUED:
        word_fetch_or(cpu, &xc->tasklet_work_to_do, TASKLET_SCHEDULED);
        return true;
    case TASKLET_ENQUEUED | TASKLET_SCHEDULED:
        return true;
    case TASKLET_SCHEDULED:
        word_fetch_and(cpu, &xc->tasklet_work_to_do, ~(uint64_t)TASKLET_SCHEDULED);
        return false;
    default:
        return false;
    }
}

bool tasklet_work_waits(struct cpu *cpu)
{
    if (own_has_tasklets(xen_of(cpu)))
        return xen_of(cpu)->has_idle_tasklets && own_tasklet_waits(cpu);
    return xen_of(cpu)->has_idle_tasklets && word_load(cpu, &xen_cpu(cpu)->tasklet_work_to_do) != 0;
}

void do_tasklet(struct cpu *cpu)
{
    struct xen_cpu *xc = xen_cpu(cpu);

    if (own_has_tasklets(xc->xen)) {
        if (xc->xen->has_idle_tasklets && own_tasklet_waits(cpu))
            own_do_tasklet(cpu);
        return;
    }
    if (!xc->xen->has_idle_tasklets ||
        word_load(cpu, &xc->tasklet_work_to_do) != (TASKLET_ENQUEUED | TASKLET_SCHEDULED))
        return;
    bool was_on = tasklet_lock_take(cpu, first_of(&xc->idle_tasklets));
    struct tasklet *tasklet = first_of(&xc->idle_tasklets);

    (*(tasklet != NULL ? &xc->xen->tasklet_counts.started : &xc->xen->tasklet_counts.empty_passes))++;
    cpu_spend_software(cpu, xen_costs(cpu)->tasklet_hold);
    if (tasklet != NULL && !cpu_is_offline(cpu, xc))
        was_on = work(cpu, tasklet, was_on);
    if (list_is_empty(&xc->idle_tasklets)) {
        word_fetch_and(cpu, &xc->tasklet_work_to_do, ~(uint64_t)TASKLET_ENQUEUED);
        raise_softirq(cpu, SCHEDULE_SOFTIRQ);
    }
    tasklet_lock_give(cpu, was_on);
}
