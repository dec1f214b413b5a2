/* SPDX-License-Identifier: Apache-2.0 OR MIT
 *
 * Softirqs by name; their numbers differ between trees.
 */
#include "glue.h"

#include <xen/softirq.h>

static const int numbers[] = {
    [IRQPATH_TIMER_SOFTIRQ] = TIMER_SOFTIRQ,         [IRQPATH_RCU_SOFTIRQ] = RCU_SOFTIRQ,
    [IRQPATH_SCHEDULE_SOFTIRQ] = SCHEDULE_SOFTIRQ,   [IRQPATH_TASKLET_SOFTIRQ] = TASKLET_SOFTIRQ,
#ifdef HVM_DPCI_SOFTIRQ
    [IRQPATH_HVM_DPCI_SOFTIRQ] = HVM_DPCI_SOFTIRQ,
#else
    [IRQPATH_HVM_DPCI_SOFTIRQ] = -1,
#endif
    [IRQPATH_VCPU_KICK_SOFTIRQ] = VCPU_KICK_SOFTIRQ,
};

int glue_softirq_number(enum irqpath_softirq nr) { return numbers[nr]; }

enum irqpath_softirq glue_softirq_name(unsigned int nr)
{
    unsigned int i;

    for (i = 0; i < IRQPATH_OTHER_SOFTIRQ; i++)
        if (numbers[i] == (int)nr)
            return i;
    return IRQPATH_OTHER_SOFTIRQ;
}

unsigned long glue_softirqs_named(unsigned long pending)
{
    unsigned long named = 0;
    unsigned int i;

    for (i = 0; i < IRQPATH_OTHER_SOFTIRQ; i++)
        if (numbers[i] >= 0 && (pending >> numbers[i] & 1))
            named |= 1ul << i;
    return named;
}

void sync_local_execstate(void) { irqpath_sync_local_execstate(); }
