/* SPDX-License-Identifier: Apache-2.0
 *
 * Softirqs in place of Xen's softirq.c, a part of own_files.c.
 */
#ifndef TESTS_XEN_OWN_SOFTIRQS_H
#define TESTS_XEN_OWN_SOFTIRQS_H

#include "irqpath_xen.h"
#include "own_said.h"

enum { SOFTIRQ_CPUS = 8 };

static unsigned long softirqs_pending[SOFTIRQ_CPUS];
static void *softirq_hosts[IRQPATH_OTHER_SOFTIRQ];

void irqpath_open(enum irqpath_softirq nr, void *host)
{
    say("open", nr);
    softirq_hosts[nr] = host;
}

void irqpath_raise(unsigned cpu, enum irqpath_softirq nr)
{
    unsigned long bit = 1ul << nr;

    if (!(__atomic_fetch_or(&softirqs_pending[cpu], bit, __ATOMIC_SEQ_CST) & bit) && cpu != irqpath_cpu())
        irqpath_send_event_check(cpu);
}

static int run_lowest(unsigned long held_back)
{
    unsigned cpu = irqpath_cpu();

    irqpath_rcu_check_callbacks();
    unsigned long pending = __atomic_load_n(&softirqs_pending[cpu], __ATOMIC_SEQ_CST) & ~held_back;
    if (!pending || !irqpath_cpu_is_online(cpu))
        return 0;
    unsigned nr = (unsigned)__builtin_ctzl(pending);
    __atomic_fetch_and(&softirqs_pending[cpu], ~(1ul << nr), __ATOMIC_SEQ_CST);
    irqpath_run_softirq(softirq_hosts[nr]);
    return 1;
}

void irqpath_do_softirq(void)
{
    while (run_lowest(0))
        ;
}

void irqpath_process_pending_softirqs(void)
{
    say("process", 0);
    while (run_lowest(1ul << IRQPATH_SCHEDULE_SOFTIRQ))
        ;
}

unsigned long irqpath_softirqs_pending(unsigned cpu)
{
    return __atomic_load_n(&softirqs_pending[cpu], __ATOMIC_SEQ_CST);
}

PEEK unsigned long irqpath_softirqs_peek(unsigned cpu) { return softirqs_pending[cpu]; }

#endif
