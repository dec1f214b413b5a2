/* SPDX-License-Identifier: Apache-2.0
 *
 * Runstates of vCPUs. A change with an earlier time than the last one adds nothing and keeps the later entry time, so
 * that the four times always sum to elapsed time. For each runstate it is also counted how much time the vCPU's pCPU
 * spent on the tasklet lock; Xen does not count that. Source: vcpu_runstate_change, xen/common/schedule.c at
 * f6dd295381^.
 */
#include "models/xen/xen.h"

static cycles in_progress(const struct xen_cpu *xc)
{
    cycles now = xc->cpu->engine->now;

    return xc->lock_clock.depth > 0 && now > xc->lock_clock.since ? now - xc->lock_clock.since : 0;
}

cycles lock_clock_read(const struct xen_cpu *xc) { return xc->lock_clock.total + in_progress(xc); }

static cycles cause_read(const struct xen_cpu *xc, enum running_cause cause)
{
    return xc->lock_clock.by_cause[cause] + (xc->lock_clock.cause == cause ? in_progress(xc) : 0);
}

void vcpu_lock_charge(struct vcpu *v)
{
    cycles clock = lock_clock_read(v->processor);

    v->spent.lock[v->state] += clock - v->lock_mark;
    if (v->state == RUNSTATE_RUNNING)
        v->run_lock += clock - v->lock_mark;
    v->lock_mark = clock;
    for (enum running_cause cause = 0; cause < CAUSE_COUNT; cause++) {
        cycles by_cause = cause_read(v->processor, cause);
        if (v->state == RUNSTATE_RUNNING)
            v->spent.lock_cause[cause] += by_cause - v->cause_mark[cause];
        v->cause_mark[cause] = by_cause;
    }
}

/* Called when RUNNING begins or ends; state_entry is the time of the change. */
static void run_change(struct vcpu *v, enum runstate new_state)
{
    struct long_runs *slices = &v->spent.slices;

    if (v->run_entry != CYCLES_NEVER && v->state_entry - v->run_entry >= v->processor->xen->timeslice) {
        slices->count++;
        slices->total += v->state_entry - v->run_entry;
        slices->lock += v->run_lock;
    }
    v->run_entry = new_state == RUNSTATE_RUNNING ? v->state_entry : CYCLES_NEVER;
    v->run_lock = 0;
}

void vcpu_runstate_change(struct vcpu *v, enum runstate new_state, cycles new_entry_time)
{
    if (!is_idle_vcpu(v))
        vcpu_lock_charge(v);
    if (new_entry_time > v->state_entry) {
        v->spent.total[v->state] += new_entry_time - v->state_entry;
        v->state_entry = new_entry_time;
        v->state_left = v->state;
    }
    if (new_state != v->state)
        engine_trace(v->processor->cpu->engine, v->state_entry, v->processor->id, TRACE_RUNSTATE, v->who, 0,
                     v->state * 16 + new_state, v->processor->id);
    if (!is_idle_vcpu(v) && (v->state == RUNSTATE_RUNNING) != (new_state == RUNSTATE_RUNNING))
        run_change(v, new_state);
    v->state = new_state;
}

void runstate_init(struct vcpu *v, enum runstate state)
{
    v->state = state;
    v->run_entry = CYCLES_NEVER;
    engine_trace(v->processor->cpu->engine, 0, v->processor->id, TRACE_VCPU, v->who, 0, state, v->processor->id);
}

/* The pCPU may be ahead of the clock: the vCPU is still in the state that it leaves then. Takes the time after `now`
 * off what is counted, and returns it. */
static cycles uncount_after(struct vcpu *v, cycles now)
{
    cycles ahead = v->state_entry > now ? v->state_entry - now : 0;

    CHECK(v->spent.total[v->state_left] >= ahead);
    v->spent.total[v->state_left] -= ahead;
    return ahead;
}

void runstate_end(struct vcpu *v, cycles now)
{
    vcpu_runstate_change(v, v->state, now);
    (void)uncount_after(v, now);
}

void runstate_measure(struct vcpu *v)
{
    cycles now = v->processor->cpu->engine->now, ahead;

    vcpu_runstate_change(v, v->state, now);
    ahead = uncount_after(v, now);
    v->stolen_before += v->spent.total[RUNSTATE_RUNNABLE] + v->spent.total[RUNSTATE_OFFLINE];
    v->spent = (struct runstate_times){ .total = { 0 } };
    v->spent.total[v->state_left] = ahead;
    v->run_entry = CYCLES_NEVER;
}
