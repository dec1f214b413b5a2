/* SPDX-License-Identifier: Apache-2.0 OR MIT
 *
 * Boot, per-CPU data, notifications of CPUs, memory, messages: what each file of a tree needs.
 */
#include "glue.h"

#include <xen/cpu.h>
#include <xen/notifier.h>
#include <xen/preempt.h>
#include <xen/rcupdate.h>
#include <xen/tasklet.h>

#define NOTIFIERS_MAX 8

/* Made by the linker. */
extern char __start_irqpath_percpu[], __stop_irqpath_percpu[];
extern const initcall_t __start_irqpath_presmp[], __stop_irqpath_presmp[];
extern const initcall_t __start_irqpath_initcall[], __stop_irqpath_initcall[];

unsigned long __per_cpu_offset[NR_CPUS];
cpumask_t cpu_online_map;
unsigned int nr_cpu_ids;
#ifndef nr_cpumask_bits
unsigned int nr_cpumask_bits = BITS_TO_LONGS(NR_CPUS) * BITS_PER_LONG;
#endif

/* cpumask_of: the row of a CPU's number modulo BITS_PER_LONG, of which a mask is a part. */
#define ONE(bit) [(bit) + 1][0] = 1ul << (bit)
#define FOUR(bit) ONE(bit), ONE((bit) + 1), ONE((bit) + 2), ONE((bit) + 3)
#define SIXTEEN(bit) FOUR(bit), FOUR((bit) + 4), FOUR((bit) + 8), FOUR((bit) + 12)
const unsigned long cpu_bit_bitmap[BITS_PER_LONG + 1][BITS_TO_LONGS(NR_CPUS)] = { SIXTEEN(0), SIXTEEN(16), SIXTEEN(32),
                                                                                  SIXTEEN(48) };

DEFINE_PER_CPU(__typeof__(per_cpu____preempt_count), __preempt_count);
#ifdef IRQPATH_RCU_LOCK_CNT
DEFINE_PER_CPU(__typeof__(per_cpu__rcu_lock_cnt), rcu_lock_cnt);
#endif

/* The sections are never empty. */
static __attribute__((__used__, __section__("irqpath_percpu"))) unsigned long percpu_start;
static int nothing(void) { return 0; }
presmp_initcall(nothing);
static int nothing_either(void) { return 0; }
__initcall(nothing_either);

static struct notifier_block *notifiers[NOTIFIERS_MAX];
static unsigned int notifier_count;

static int list_changes;

void irqpath_xen_list_changes(int by) { list_changes += by; }

int glue_list_changes(void) { return list_changes != 0; }

unsigned int glue_percpu_of(const void *address)
{
    unsigned long bytes = (unsigned long)(__stop_irqpath_percpu - __start_irqpath_percpu);
    unsigned int cpu;

    for (cpu = 0; cpu < nr_cpu_ids; cpu++)
        if ((unsigned long)address - (unsigned long)(__start_irqpath_percpu + __per_cpu_offset[cpu]) < bytes)
            return cpu + 1;
    return 0;
}

unsigned long glue_percpu_offset(const void *address)
{
    return (unsigned long)((const char *)address - __start_irqpath_percpu) -
           __per_cpu_offset[glue_percpu_of(address) - 1];
}

const void *glue_percpu_at(unsigned int cpu, unsigned long offset)
{
    return __start_irqpath_percpu + __per_cpu_offset[cpu] + offset;
}

unsigned long irqpath_xen_percpu_offset(void) { return __per_cpu_offset[irqpath_cpu()]; }

static void boot_percpu(void)
{
    unsigned long bytes = (unsigned long)(__stop_irqpath_percpu - __start_irqpath_percpu);
    unsigned int cpu;

    for (cpu = 0; cpu < nr_cpu_ids; cpu++) {
        char *copy = irqpath_alloc(bytes, NULL);

        irqpath_name(copy, bytes, NULL, "percpu", cpu);
        __per_cpu_offset[cpu] = (unsigned long)(copy - __start_irqpath_percpu);
    }
}

static void run_initcalls(const initcall_t *from, const initcall_t *to)
{
    for (; from < to; from++)
        (*from)();
}

#ifdef IRQPATH_WITH_TASKLET
/* tasklet_lock has no name outside of its file. */
static void take_tasklet_lock(void *tasklet) { tasklet_kill(tasklet); }

static void boot_tasklets(void)
{
    static struct tasklet tasklet;

    tasklet_subsys_init();
    tasklet_init(&tasklet, NULL, 0);
    irqpath_lock_is(glue_lock_taken_by(take_tasklet_lock, &tasklet), IRQPATH_TASKLET_LOCK, NULL);
}
#endif

static void notify(unsigned long action, unsigned int cpu)
{
    unsigned int i;

    for (i = 0; i < notifier_count; i++) {
        struct notifier_block *block = notifiers[action & NOTIFY_REVERSE ? notifier_count - 1 - i : i];

        block->notifier_call(block, action, (void *)(unsigned long)cpu);
    }
}

/* Not seen: irqpath_cpu_is_online answers the tree's questions of single CPUs. */
static void set_online(unsigned int cpu, unsigned long is_online)
{
    unsigned long *word = &cpumask_bits(&cpu_online_map)[cpu / BITS_PER_LONG];

    *word = (*word & ~(1ul << cpu % BITS_PER_LONG)) | is_online << cpu % BITS_PER_LONG;
}

void irqpath_xen_boot(void)
{
    unsigned int cpu;

    nr_cpu_ids = irqpath_cpus();
    if (nr_cpu_ids > NR_CPUS)
        irqpath_bug("the machine has more CPUs than the code's NR_CPUS");
    boot_percpu();
    for (cpu = 0; cpu < nr_cpu_ids; cpu++)
        set_online(cpu, irqpath_cpu_is_online(cpu) != 0);
#ifdef IRQPATH_WITH_TASKLET
    boot_tasklets();
#endif
    run_initcalls(__start_irqpath_presmp, __stop_irqpath_presmp);
    for (cpu = 1; cpu < nr_cpu_ids; cpu++)
        if (irqpath_cpu_is_online(cpu))
            notify(CPU_UP_PREPARE, cpu);
    run_initcalls(__start_irqpath_initcall, __stop_irqpath_initcall);
}

void irqpath_cpu_notify(enum irqpath_cpu_event event, unsigned int cpu)
{
    switch (event) {
    case IRQPATH_CPU_UP_PREPARE:
        notify(CPU_UP_PREPARE, cpu);
        set_online(cpu, 1);
        break;
    case IRQPATH_CPU_DYING:
        notify(CPU_DYING, cpu);
        set_online(cpu, 0);
        break;
    case IRQPATH_CPU_DEAD:
        notify(CPU_DEAD, cpu);
        break;
    }
}

/* By falling priority; equal ones in the order of their registration. */
void register_cpu_notifier(struct notifier_block *block)
{
    unsigned int i = notifier_count++;

    if (i == NOTIFIERS_MAX)
        irqpath_bug("too many notifiers of CPUs");
    for (; i && notifiers[i - 1]->priority < block->priority; i--)
        notifiers[i] = notifiers[i - 1];
    notifiers[i] = block;
}

void *_xmalloc(unsigned long size, unsigned long align)
{
    (void)align;
    return irqpath_alloc(size, NULL);
}

void *_xzalloc(unsigned long size, unsigned long align)
{
    (void)align;
    return irqpath_alloc(size, NULL);
}

void xfree(void *object) { irqpath_free(object); }

struct cpu_info *irqpath_xen_cpu_info(void)
{
    irqpath_bug("the code reads the record at the bottom of its stack, which irqpath does not have");
}

s_time_t get_s_time(void) { return (s_time_t)irqpath_now(); }

/* Messages are not shown and take no time. */
void printk(const char *format, ...) { (void)format; }

void panic(const char *format, ...) { irqpath_bug(format); }
