/* SPDX-License-Identifier: Apache-2.0
 *
 * CPU offline and online. The dying pCPU deschedules its vCPU, enables interrupts for a window of 1 ms, leaves the
 * online map, and moves interrupts and vCPUs away. Work that interrupts defer from the window on stays on its lists,
 * because an offline pCPU runs no softirqs. The pCPU that takes it down polls every 100 ms for its death, running
 * softirqs in between, and then moves what is left, or asserts that nothing is.
 * Left out: stop_machine's hold on all other pCPUs with interrupts off; two-step moves of interrupts.
 * Source: xen/arch/x86/smpboot.c, xen/common/cpu.c, softirq.c, tasklet.c; 29555668b5, e2bb28d621.
 */
#include "models/xen/own_code.h"
#include "models/xen/posted.h"

enum { WINDOW_NS = 1000000, DEATH_POLL_NS = 100000000 };

static cycles from_ns(const struct cpu *cpu, uint64_t ns) { return cycles_from_ns(ns, cpu->costs->frequency_hz); }

void hotplug_boot(struct xen *xen)
{
    for (uint32_t i = 0; i < xen->setup->action_count; i++)
        if (xen->setup->actions[i].kind == XEN_ACTION_OFFLINE || xen->setup->actions[i].kind == XEN_ACTION_ONLINE)
            xen->hotplug.is_used = true;
    if (!xen->hotplug.is_used)
        return;
    line_init(xen->machine, &xen->hotplug.line, LINE_PLAIN);
    word_init(&xen->hotplug.cpu_maps, &xen->hotplug.line, 0);
    names_add(xen->machine, &xen->hotplug.cpu_maps, "cpu_maps", NULL);
    for (uint32_t id = 0; id < xen->cpu_count; id++) {
        line_init(xen->machine, &xen->cpus[id].power_line, LINE_WAITED);
        word_init(&xen->cpus[id].power, &xen->cpus[id].power_line, CPU_ONLINE);
        word_init(&xen->cpus[id].is_stopped, &xen->cpus[id].power_line, 0);
        names_add_of(xen->machine, &xen->cpus[id].power, "cpu_state", "cpu%u", id);
        names_add_of(xen->machine, &xen->cpus[id].is_stopped, "stop_machine done", "cpu%u", id);
    }
}

/* A pCPU removes itself from the online map and adds itself to it again: its own bit is what it has left there. */
bool cpu_is_offline(struct cpu *cpu, struct xen_cpu *xc)
{
    if (!xc->xen->hotplug.is_used)
        return false;
    return (xc->cpu == cpu ? word_load_own(cpu, &xc->power) : word_load(cpu, &xc->power)) >= CPU_OFFLINE;
}

bool hotplug_wants(struct cpu *cpu)
{
    return xen_of(cpu)->hotplug.is_used && word_load(cpu, &xen_cpu(cpu)->power) != CPU_ONLINE;
}

/* --- on the pCPU that goes offline --- */

static void irq_window(struct cpu *cpu)
{
    cpu_irq_on(cpu);
    cpu_spend(cpu, from_ns(cpu, WINDOW_NS));
    cpu_irq_off(cpu);
}

/* The function that stop_machine runs on the idle vCPU: __cpu_disable and what follows it. */
static void take_cpu_down(struct cpu *cpu)
{
    struct xen_cpu *xc = xen_cpu(cpu);
    bool forwards_vectors = xc->xen->dpci->forwards_vectors;

    sync_local_execstate(cpu);
    cpu_irq_off(cpu);
    irq_window(cpu);
    word_store(step(cpu, "offline"), &xc->power, CPU_OFFLINE);
    fixup_irqs(cpu, forwards_vectors);
    if (!forwards_vectors)
        irq_window(cpu);
    cpu_disable_scheduler(cpu);
    word_store(cpu, &xc->power, CPU_STOPPED);
    word_store(step(cpu, "stopped"), &xc->is_stopped, 1);
    cpu_irq_on(cpu);
}

static void play_dead(struct cpu *cpu)
{
    struct xen_cpu *xc = xen_cpu(cpu);

    cpu_irq_off(cpu);
    lapic_timer_set(cpu, CYCLES_NEVER);
    word_store(step(cpu, "dead"), &xc->power, CPU_DEAD);
    cpu_power_off(cpu);
    csched_cpu_online(cpu);
    irq_cpu_online(xc);
    word_store(step(cpu, "online"), &xc->power, CPU_ONLINE);
    cpu_irq_on(cpu);
    raise_softirq(cpu, TIMER_SOFTIRQ);
    raise_softirq(cpu, SCHEDULE_SOFTIRQ);
}

void hotplug_idle(struct cpu *cpu)
{
    struct xen_cpu *xc = xen_cpu(cpu);

    if (!xc->runs_stop_work)
        return;
    if (cpu_is_offline(cpu, xc)) {
        xc->runs_stop_work = false;
        play_dead(cpu);
    } else {
        take_cpu_down(cpu);
    }
}

/* --- on the pCPU that does the hypercall --- */

static bool get_cpu_maps(struct cpu *cpu) { return word_cas(cpu, &xen_of(cpu)->hotplug.cpu_maps, 0, 1) == 0; }

static void put_cpu_maps(struct cpu *cpu) { word_store(cpu, &xen_of(cpu)->hotplug.cpu_maps, 0); }

/* Interrupts stay off for the whole of stop_machine. */
static void stop_machine_run(struct cpu *cpu, struct xen_cpu *target)
{
    bool was_on = cpu_irq_off(cpu);

    word_store(cpu, &target->power, CPU_STOPPING);
    cpu_raise_softirq(cpu, target, SCHEDULE_SOFTIRQ);
    word_wait(cpu, &target->is_stopped, 1);
    cpu_irq_restore(cpu, was_on);
}

enum hypercall_result cpu_down(struct cpu *cpu, struct xen_cpu *target)
{
    if (!get_cpu_maps(cpu))
        return HYPERCALL_EAGAIN;
    if (word_load(cpu, &target->power) == CPU_ONLINE) {
        stop_machine_run(cpu, target);
        while (word_load(cpu, &target->power) != CPU_DEAD) { /* __cpu_die */
            cpu_spend(cpu, from_ns(cpu, DEATH_POLL_NS));
            cpu_relax(cpu);
            process_pending_softirqs(cpu);
        }
        tasklet_migrate(cpu, target);
        timer_migrate(cpu, target);
        rcu_cpu_dead(cpu, target);
        posted_cpu_dead(cpu, target);
        own_cpu_dead(cpu, target);
        if (target->xen->dpci->cpu_dead != NULL)
            target->xen->dpci->cpu_dead(cpu, target);
    }
    put_cpu_maps(cpu);
    return HYPERCALL_DONE;
}

/* CPU_UP_PREPARE initialises the lists even if there is still something on them. */
enum hypercall_result cpu_up(struct cpu *cpu, struct xen_cpu *target)
{
    if (!get_cpu_maps(cpu))
        return HYPERCALL_EAGAIN;
    if (word_load(cpu, &target->power) == CPU_DEAD) {
        list_init(&target->softirq_tasklets);
        list_init(&target->dpci_list);
        posted_cpu_init(target);
        own_cpu_up(cpu, target);
        word_store(cpu, &target->is_stopped, 0);
        word_store(cpu, &target->power, CPU_STARTING);
        cpu_power_on(cpu, target->cpu);
        while (word_load(cpu, &target->power) != CPU_ONLINE) {
            cpu_relax(cpu);
            process_pending_softirqs(cpu);
        }
    }
    put_cpu_maps(cpu);
    return HYPERCALL_DONE;
}
