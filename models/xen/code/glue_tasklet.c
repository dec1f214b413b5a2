/* SPDX-License-Identifier: Apache-2.0 OR MIT
 *
 * common/tasklet.c for the model.
 */
#include "glue.h"

#include <xen/tasklet.h>

void *irqpath_tasklet_new(void *host, int is_softirq)
{
    struct tasklet *tasklet = irqpath_alloc(sizeof(*tasklet), "struct tasklet");

    /* Newer trees pass a pointer, older ones an unsigned long: the same register. */
    (is_softirq ? softirq_tasklet_init : tasklet_init)(tasklet, (void *)irqpath_tasklet_run,
                                                       (__typeof__(tasklet->data))host);
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

unsigned int irqpath_tasklet_place(const void *tasklet)
{
    const struct tasklet *t = tasklet;

    return (unsigned int)(t->scheduled_on + 1);
}
