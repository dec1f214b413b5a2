/* SPDX-License-Identifier: Apache-2.0
 *
 * tasklet.c before three fixes of races. T1 (a29af79e4e): tasklet_kill waited for a queued tasklet to run, even if its
 * own pCPU had to run it. T2 (c6b4652705): a tasklet scheduled while it ran was linked at once. T3 (0b8d217214): a
 * tasklet scheduled while it ran was queued on one pCPU, but the softirq was raised on the pCPU that had run it.
 * Otherwise each version is the tasklet.c of 2014. Left out: the single list for all pCPUs (T1, T2), and tasklets that
 * run in the idle vCPU (T3). Source: the three commits.
 */
#include "models/xen/xen.h"

static void keep_linked(struct cpu *cpu, struct tasklet *tasklet)
{
    (void)cpu;
    (void)tasklet;
}

static bool is_linked_or_running(const struct tasklet *tasklet)
{
    return tasklet->is_running || !list_is_empty(&tasklet->link);
}

static const struct tasklet_operations before_a29af79e4e = {
    .link = tasklet_link,
    .relink = tasklet_enqueue,
    .unlink = keep_linked,
    .is_alive = is_linked_or_running,
};

static void link_though_it_runs(struct cpu *cpu, struct tasklet *tasklet)
{
    list_remove(&tasklet->link);
    tasklet_enqueue(cpu, tasklet);
}

static const struct tasklet_operations before_c6b4652705 = {
    .link = link_though_it_runs,
    .relink = keep_linked,
    .unlink = tasklet_unlink,
    .is_alive = tasklet_is_running,
};

static void enqueue_and_raise_here(struct cpu *cpu, struct tasklet *tasklet)
{
    struct xen_cpu *on = &xen_of(cpu)->cpus[tasklet->scheduled_on];

    line_touch_write(cpu, &on->tasklet_line);
    list_add_tail(&tasklet->link, &on->softirq_tasklets);
    raise_softirq(cpu, TASKLET_SOFTIRQ);
}

static const struct tasklet_operations before_0b8d217214 = {
    .link = tasklet_link,
    .relink = enqueue_and_raise_here,
    .unlink = tasklet_unlink,
    .is_alive = tasklet_is_running,
};

const struct tasklet_operations *tasklet_operations_of(enum xen_history history)
{
    switch (history) {
    case XEN_BEFORE_A29AF79E4E:
        return &before_a29af79e4e;
    case XEN_BEFORE_C6B4652705:
        return &before_c6b4652705;
    case XEN_BEFORE_0B8D217214:
        return &before_0b8d217214;
    default:
        return &tasklet_2014;
    }
}
