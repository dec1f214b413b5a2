/* SPDX-License-Identifier: Apache-2.0 OR MIT
 *
 * What the scheduler and the idle loop do with common/tasklet.c's flags of a CPU: instrumented accesses.
 */
#include "glue.h"

#include <xen/tasklet.h>

int irqpath_tasklet_scheduled(void)
{
    unsigned long *work = &this_cpu(tasklet_work_to_do), flags = *work;

    if (flags & TASKLET_enqueued) {
        if (!(flags & TASKLET_scheduled))
            set_bit(_TASKLET_scheduled, work);
        return 1;
    }
    if (flags & TASKLET_scheduled)
        clear_bit(_TASKLET_scheduled, work);
    return 0;
}

int irqpath_tasklet_waits(void) { return this_cpu(tasklet_work_to_do) == (TASKLET_enqueued | TASKLET_scheduled); }
