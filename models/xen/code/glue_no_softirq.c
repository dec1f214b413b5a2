/* SPDX-License-Identifier: Apache-2.0 OR MIT
 *
 * common/softirq.c's part, when that file is not among the tree's: the model's softirqs.
 */
#include "glue.h"

#include <xen/softirq.h>

void open_softirq(int nr, softirq_handler handler)
{
    irqpath_open_softirq(glue_softirq_name((unsigned int)nr), handler);
}

void raise_softirq(unsigned int nr) { irqpath_raise_softirq(irqpath_cpu(), glue_softirq_name(nr)); }

void cpu_raise_softirq(unsigned int cpu, unsigned int nr) { irqpath_raise_softirq(cpu, glue_softirq_name(nr)); }

void process_pending_softirqs(void) { irqpath_process_softirqs(); }
