/* SPDX-License-Identifier: Apache-2.0
 *
 * schedule(), wake, block, kick, and the context switch with lazy state. As in Xen, schedule() reads the time before it
 * takes its lock, so the wait for the lock is charged to the new runstate of the next vCPU. A switch to idle saves no
 * register state; sync_local_execstate, which a tasklet calls, saves the state that idle holds lazily. Source:
 * xen/common/schedule.c and xen/arch/x86/domain.c at f6dd295381^.
 */
#include "models/xen/posted.h"

bool vcpu_runnable(struct cpu *cpu, struct vcpu *v) { return is_idle_vcpu(v) || word_load(cpu, &v->pause_flags) == 0; }

/* --- wake and block --- */

/* The pCPU whose schedule_lock is held, and whether interrupts were on. */
struct locked_cpu {
    struct xen_cpu *xc;
    bool was_on;
};

/* v->processor may change until the schedule_lock of that pCPU is held. */
static struct locked_cpu vcpu_schedule_lock(struct cpu *cpu, struct vcpu *v)
{
    for (;;) {
        struct xen_cpu *xc = v->processor;
        bool was_on = spin_lock_irqsave(cpu, &xc->schedule_lock);
        if (xc == v->processor)
            return (struct locked_cpu){ xc, was_on };
        spin_unlock_irqrestore(cpu, &xc->schedule_lock, was_on);
    }
}

void vcpu_wake(struct cpu *cpu, struct vcpu *v)
{
    struct locked_cpu locked = vcpu_schedule_lock(cpu, v);
    struct xen_cpu *xc = locked.xc;
    bool was_on = locked.was_on;

    cpu_settle(cpu); /* so that now_of() is the current time */
    if (vcpu_runnable(cpu, v)) {
        if (v->state >= RUNSTATE_BLOCKED)
            vcpu_runstate_change(v, RUNSTATE_RUNNABLE, now_of(cpu));
        csched_vcpu_wake(cpu, v);
    } else if (!(word_load(cpu, &v->pause_flags) & VPF_BLOCKED) && v->state == RUNSTATE_BLOCKED) {
        vcpu_runstate_change(v, RUNSTATE_OFFLINE, now_of(cpu));
    }
    spin_unlock_irqrestore(cpu, &xc->schedule_lock, was_on);
}

void vcpu_unblock(struct cpu *cpu, struct vcpu *v)
{
    if (word_fetch_and(cpu, &v->pause_flags, ~(uint64_t)VPF_BLOCKED) & VPF_BLOCKED) {
        xen_of(cpu)->statistics.wakes++;
        cpu_trace(cpu, TRACE_WAKE, v->who, 0, 0, 0);
        vcpu_wake(cpu, v);
    }
}

void vcpu_kick(struct cpu *cpu, struct vcpu *v)
{
    bool running = word_load(cpu, &v->is_running) != 0;

    vcpu_unblock(cpu, v);
    if (running && (cpu->interrupt_depth > 0 || v != xen_cpu(cpu)->current)) {
        cpu_access_step(cpu, false); /* it may have moved */
        cpu_raise_softirq(cpu, v->processor, VCPU_KICK_SOFTIRQ);
    }
}

void vcpu_sleep(struct cpu *cpu, struct vcpu *v)
{
    struct locked_cpu locked = vcpu_schedule_lock(cpu, v);
    struct xen_cpu *xc = locked.xc;
    bool was_on = locked.was_on;

    cpu_settle(cpu);
    if (xc->curr == v) {
        cpu_raise_softirq(cpu, xc, SCHEDULE_SOFTIRQ);
    } else {
        list_remove(&v->csched.runq_link);
        if (v->state == RUNSTATE_RUNNABLE)
            vcpu_runstate_change(v, RUNSTATE_OFFLINE, now_of(cpu));
    }
    spin_unlock_irqrestore(cpu, &xc->schedule_lock, was_on);
}

static bool event_is_deliverable(struct cpu *cpu, struct vcpu *v)
{
    if (v->posted != NULL)
        return posted_event_is_deliverable(cpu, v);
    return word_load(cpu, &v->guest.upcall_pending) != 0 || vlapic_has_irr(cpu, v);
}

void vcpu_block(struct cpu *cpu, struct vcpu *v)
{
    word_fetch_or(cpu, &v->pause_flags, VPF_BLOCKED);
    if (v->posted != NULL)
        posted_vcpu_block(cpu, v);
    if (event_is_deliverable(cpu, v))
        word_fetch_and(cpu, &v->pause_flags, ~(uint64_t)VPF_BLOCKED);
    else
        raise_softirq(cpu, SCHEDULE_SOFTIRQ);
    cpu_trace(cpu, TRACE_BLOCK, v->who, 0, 0, 0);
}

/* --- context switch --- */

static void save_state(struct cpu *cpu, cycles cost)
{
    struct xen_cpu *xc = xen_cpu(cpu);
    struct vcpu *v = xc->loaded;

    cpu_spend_software(cpu, cost);
    if (v->posted != NULL)
        posted_switch_from(cpu, v);
    xc->loaded = NULL;
    word_store(cpu, &v->loaded_on, 0);
}

void sync_local_execstate(struct cpu *cpu)
{
    struct xen_cpu *xc = xen_cpu(cpu);

    if (xc->loaded == NULL || xc->loaded == xc->current)
        return;
    bool was_on = cpu_irq_off(cpu);
    save_state(cpu, xen_costs(cpu)->sync_local_execstate);
    cpu_irq_restore(cpu, was_on);
}

/* If another pCPU holds the vCPU's state lazily, makes that pCPU save it. */
static void sync_remote_execstate(struct cpu *cpu, struct vcpu *v)
{
    uint64_t on = word_load(cpu, &v->loaded_on);

    if (on == 0 || on - 1 == cpu->id)
        return;
    send_IPI(cpu, &cpu->machine->cpus[on - 1], VECTOR_SYNC);
    word_wait(cpu, &v->loaded_on, 0);
}

static void context_switch(struct cpu *cpu, struct vcpu *previous, struct vcpu *next)
{
    struct xen_cpu *xc = xen_cpu(cpu);

    xc->xen->statistics.context_switches++;
    if (!is_idle_vcpu(next))
        sync_remote_execstate(cpu, next);
    bool was_on = cpu_irq_off(cpu);
    xc->current = next;
    cpu_trace(cpu, TRACE_SWITCH, next->who, 0, 0, previous->who);
    if (!is_idle_vcpu(next) && xc->loaded != next) {
        if (xc->loaded != NULL)
            save_state(cpu, xen_costs(cpu)->context_switch_out);
        cpu_spend_software(cpu, xen_costs(cpu)->context_switch_in);
        if (next->posted != NULL)
            posted_switch_to(cpu, next);
        xc->loaded = next;
        word_store(cpu, &next->loaded_on, cpu->id + 1);
    }
    cpu_irq_restore(cpu, was_on);
    if (!is_idle_vcpu(previous))
        word_store(cpu, &previous->is_running, 0);
    if (!is_idle_vcpu(next))
        next->guest.stolen =
            next->stolen_before + next->spent.total[RUNSTATE_RUNNABLE] + next->spent.total[RUNSTATE_OFFLINE];
}

/* --- schedule --- */

/* The time slice has expired. */
void schedule_timer_fn(struct cpu *cpu, void *data)
{
    struct xen_cpu *xc = data;

    xc->has_slice_ended = true;
    raise_softirq(cpu, SCHEDULE_SOFTIRQ);
}

static enum runstate state_when_off(struct cpu *cpu, struct vcpu *v)
{
    if (word_load(cpu, &v->pause_flags) & VPF_BLOCKED)
        return RUNSTATE_BLOCKED;
    return vcpu_runnable(cpu, v) ? RUNSTATE_RUNNABLE : RUNSTATE_OFFLINE;
}

void schedule_softirq(struct cpu *cpu)
{
    struct xen_cpu *xc = xen_cpu(cpu);
    struct vcpu *previous = xc->current;

    cpu_settle(cpu);
    cycles now = now_of(cpu);
    trace_hold(cpu->engine->trace, cpu->id, now);
    bool has_tasklet_work = tasklet_work_scheduled(cpu);
    bool was_on = spin_lock_irqsave(cpu, &xc->schedule_lock);

    cpu_spend_software(cpu, xen_costs(cpu)->schedule_body);
    stop_timer(cpu, &xc->s_timer);
    struct csched_pick pick = csched_schedule(cpu, now, has_tasklet_work);
    struct vcpu *next = pick.next;
    xc->curr = next;
    xc->has_slice_ended = false;
    if (pick.slice != CYCLES_NEVER)
        set_timer(cpu, &xc->s_timer, now + pick.slice);
    if (next == previous) {
        trace_release(cpu->engine->trace, cpu->id);
        spin_unlock_irqrestore(cpu, &xc->schedule_lock, was_on);
        return;
    }
    vcpu_runstate_change(previous, is_idle_vcpu(previous) ? RUNSTATE_RUNNABLE : state_when_off(cpu, previous), now);
    vcpu_runstate_change(next, RUNSTATE_RUNNING, now);
    trace_release(cpu->engine->trace, cpu->id);
    if (!is_idle_vcpu(next)) {
        vcpu_check_start(next);
        word_store(cpu, &next->is_running, 1);
    }
    spin_unlock_irqrestore(cpu, &xc->schedule_lock, was_on);
    context_switch(cpu, previous, next);
}
