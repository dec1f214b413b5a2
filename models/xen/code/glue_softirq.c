/* SPDX-License-Identifier: Apache-2.0 OR MIT
 *
 * common/softirq.c for the model, and what it calls elsewhere in Xen.
 */
#include "glue.h"

#include <xen/rcupdate.h>
#include <xen/softirq.h>

static void *hosts[IRQPATH_OTHER_SOFTIRQ];

#define HANDLER(name) \
    static void run_##name(void) { irqpath_run_softirq(hosts[IRQPATH_##name]); }

HANDLER(TIMER_SOFTIRQ)
HANDLER(RCU_SOFTIRQ)
HANDLER(SCHEDULE_SOFTIRQ)
HANDLER(TASKLET_SOFTIRQ)
HANDLER(HVM_DPCI_SOFTIRQ)
HANDLER(VCPU_KICK_SOFTIRQ)

static void (*const handlers[])(void) = {
    [IRQPATH_TIMER_SOFTIRQ] = run_TIMER_SOFTIRQ,       [IRQPATH_RCU_SOFTIRQ] = run_RCU_SOFTIRQ,
    [IRQPATH_SCHEDULE_SOFTIRQ] = run_SCHEDULE_SOFTIRQ, [IRQPATH_TASKLET_SOFTIRQ] = run_TASKLET_SOFTIRQ,
    [IRQPATH_HVM_DPCI_SOFTIRQ] = run_HVM_DPCI_SOFTIRQ, [IRQPATH_VCPU_KICK_SOFTIRQ] = run_VCPU_KICK_SOFTIRQ,
};

void irqpath_open(enum irqpath_softirq nr, void *host)
{
    hosts[nr] = host;
    if (glue_softirq_number(nr) >= 0)
        open_softirq(glue_softirq_number(nr), handlers[nr]);
}

void irqpath_raise(unsigned int cpu, enum irqpath_softirq nr)
{
    if (glue_softirq_number(nr) < 0)
        irqpath_bug("a softirq is raised that the tree does not have");
    if (cpu == irqpath_cpu())
        raise_softirq((unsigned int)glue_softirq_number(nr));
    else
        cpu_raise_softirq(cpu, (unsigned int)glue_softirq_number(nr));
}

void irqpath_do_softirq(void) { do_softirq(); }

void irqpath_process_pending_softirqs(void) { process_pending_softirqs(); }

unsigned long irqpath_softirqs_peek(unsigned int cpu) { return glue_softirqs_named(softirq_pending(cpu)); }

/* --- for the tree --- */

void smp_send_event_check_mask(const cpumask_t *mask)
{
    unsigned int cpu;

    for (cpu = 0; cpu < nr_cpu_ids; cpu++)
        if (cpumask_bits(mask)[cpu / BITS_PER_LONG] >> cpu % BITS_PER_LONG & 1)
            irqpath_send_event_check(cpu);
}

/* Whether the CPU waits by MWAIT on its pending softirqs: none does. The type differs between trees. */
int skips_event_check(unsigned int cpu) __asm__("arch_skip_send_event_check");

int skips_event_check(unsigned int cpu)
{
    (void)cpu;
    return 0;
}

int rcu_pending(int cpu)
{
    (void)cpu;
    return 1;
}

void rcu_check_callbacks(int cpu)
{
    (void)cpu;
    irqpath_rcu_check_callbacks();
}
