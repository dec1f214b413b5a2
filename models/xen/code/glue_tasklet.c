/* SPDX-License-Identifier: Apache-2.0 OR MIT
 *
 * common/tasklet.c for the model.
 */
#include "glue.h"

#include <xen/tasklet.h>

struct glue_tasklet {
    struct tasklet tasklet;
    void *host;
    struct glue_tasklet *next;
};

static struct glue_tasklet *tasklets;

void *irqpath_tasklet_new(void *host, int is_softirq)
{
    struct glue_tasklet *tasklet = irqpath_alloc(sizeof(*tasklet), "struct tasklet");
    struct tasklet *t = &tasklet->tasklet;

    /* Newer trees pass a pointer, older ones an unsigned long: the same register. */
    (is_softirq ? softirq_tasklet_init : tasklet_init)(t, (void *)irqpath_tasklet_run, (__typeof__(t->data))host);
    tasklet->host = host;
    tasklet->next = tasklets;
    tasklets = tasklet;
    return tasklet;
}

void irqpath_tasklet_schedule(void *tasklet, unsigned int cpu) { tasklet_schedule_on_cpu(tasklet, cpu); }

void irqpath_tasklet_kill(void *tasklet) { tasklet_kill(tasklet); }

void irqpath_do_tasklet(void) { do_tasklet(); }

int irqpath_tasklet_is_queued(const void *tasklet)
{
    const struct tasklet *t = tasklet;

    return t->list.next && t->list.next != &t->list;
}

/* The list's head is part of the CPU's data, at a place that its file keeps to itself: that of a first element's prev.
 */
void *irqpath_tasklet_first(unsigned int cpu)
{
    static unsigned long head_offset;
    const struct glue_tasklet *at;
    const struct list_head *head;

    for (at = tasklets; at && !head_offset; at = at->next)
        if (at->tasklet.is_softirq && irqpath_tasklet_is_queued(&at->tasklet) && glue_percpu_of(at->tasklet.list.prev))
            head_offset = glue_percpu_offset(at->tasklet.list.prev);
    if (!head_offset)
        return NULL;
    head = glue_percpu_at(cpu, head_offset);
    return head->next && head->next != head ? container_of(head->next, struct glue_tasklet, tasklet.list)->host : NULL;
}

unsigned int irqpath_tasklet_place(const void *tasklet)
{
    const struct tasklet *t = tasklet;

    return (unsigned int)(t->scheduled_on + 1);
}
