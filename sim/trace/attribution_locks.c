/* SPDX-License-Identifier: Apache-2.0
 *
 * Which pCPU holds each lock, and for whom. The history of a lock's holders is kept for as long as a pCPU waits for the
 * lock.
 */
#include <stdlib.h>
#include <string.h>

#include "base/check.h"
#include "trace/attribution_engine.h"

/* The domain that the innermost interrupt or softirq works for. */
static uint32_t for_whom(const struct attribution *attribution, const struct attribution_cpu *cpu)
{
    for (uint32_t i = cpu->depth; i-- > 0;)
        if (cpu->frames[i].kind != FRAME_WAIT)
            return attribution_domain_of(attribution, cpu, cpu->frames[i].who);
    return attribution_domain_of(attribution, cpu, TRACE_NOBODY);
}

/* --- waits --- */

void attribution_add_wait(struct attribution *attribution, const struct frame *wait, struct attribution_part part,
                          cycles from, cycles until)
{
    const struct attribution_lock *lock = &attribution->locks[wait->a];
    size_t at = wait->at - lock->gone;

    part.what = lock->class;
    while (from < until) {
        while (at + 1 < lock->count && lock->holders[at + 1].since <= from)
            at++;
        const struct holder *holder = &lock->holders[at];
        cycles end = at + 1 < lock->count && lock->holders[at + 1].since < until ? lock->holders[at + 1].since : until;
        bool is_free = wait->was_free && at + lock->gone == wait->at;
        part.cause = holder->is_held ? CAUSE_LOCK_HELD : is_free ? CAUSE_LOCK_FREE : CAUSE_LOCK_HANDOVER;
        part.culprit = is_free ? TRACE_NOBODY : holder->who;
        part.cpu = is_free ? NO_CPU : holder->cpu;
        part.time = end - from;
        attribution_add(attribution, &part);
        from = end;
    }
}

void attribution_wait_advance(const struct attribution *attribution, struct frame *wait, cycles now)
{
    const struct attribution_lock *lock = &attribution->locks[wait->a];

    while (wait->at + 1 < lock->gone + lock->count && lock->holders[wait->at + 1 - lock->gone].since <= now) {
        wait->at++;
        wait->was_free = false;
    }
}

/* --- holders --- */

/* Drops the holders before the earliest one that a waiter still needs. */
static void lock_forget(struct attribution *attribution, struct attribution_lock *lock)
{
    size_t first = lock->gone + lock->count - 1;
    uint32_t id = (uint32_t)(lock - attribution->locks);

    for (uint32_t i = 0; lock->waiters > 0 && i < attribution->cpu_count; i++)
        for (uint32_t f = 0; f < attribution->cpus[i].depth; f++) {
            const struct frame *frame = &attribution->cpus[i].frames[f];
            if (frame->kind == FRAME_WAIT && frame->a == id && frame->at < first)
                first = frame->at;
        }
    size_t unused = first - lock->gone;
    memmove(lock->holders, lock->holders + unused, (lock->count - unused) * sizeof *lock->holders);
    lock->count -= unused;
    lock->gone = first;
}

void attribution_lock_change(struct attribution *attribution, uint32_t id, struct holder holder)
{
    struct attribution_lock *lock = &attribution->locks[id];

    if (lock->count == lock->capacity && lock->count > 0)
        lock_forget(attribution, lock);
    if (2 * lock->count >= lock->capacity) {
        lock->capacity = lock->capacity == 0 ? 4 : lock->capacity * 2;
        lock->holders = realloc(lock->holders, lock->capacity * sizeof *lock->holders);
        CHECK(lock->holders != NULL);
    }
    lock->holders[lock->count++] = holder;
}

void attribution_acquire(struct attribution *attribution, const struct trace_record *record)
{
    struct attribution_cpu *cpu = &attribution->cpus[record->cpu];

    if (cpu->depth > 0 && cpu->frames[cpu->depth - 1].kind == FRAME_WAIT &&
        cpu->frames[cpu->depth - 1].a == record->a) {
        cpu->depth--;
        attribution->locks[record->a].waiters--;
    }
    CHECK(cpu->held_count < HELD_MAX || attribution->is_recording);
    if (cpu->held_count < HELD_MAX) {
        cpu->held[cpu->held_count].lock = record->a;
        cpu->held[cpu->held_count++].depth = cpu->depth;
    }
    attribution_lock_change(attribution, record->a,
                            (struct holder){ record->time, for_whom(attribution, cpu), record->cpu, true });
}

void attribution_release(struct attribution *attribution, const struct trace_record *record)
{
    struct attribution_cpu *cpu = &attribution->cpus[record->cpu];
    uint32_t i = 0;

    while (i < cpu->held_count && cpu->held[i].lock != record->a)
        i++;
    if (i < cpu->held_count)
        cpu->held[i] = cpu->held[--cpu->held_count];
    attribution_lock_change(attribution, record->a,
                            (struct holder){ record->time, for_whom(attribution, cpu), record->cpu, false });
}

struct frame attribution_wait(struct attribution *attribution, const struct trace_record *record)
{
    struct attribution_lock *lock = &attribution->locks[record->a];

    bool is_first = lock->waiters++ == 0;
    return (struct frame){ .kind = FRAME_WAIT,
                           .a = record->a,
                           .who = TRACE_NOBODY,
                           .at = lock->gone + lock->count - 1,
                           .was_free = is_first && !lock->holders[lock->count - 1].is_held };
}

void attribution_held_for(struct attribution *attribution, const struct trace_record *record, uint32_t depth)
{
    const struct attribution_cpu *cpu = &attribution->cpus[record->cpu];
    uint32_t who = attribution_domain_of(attribution, cpu, record->who);

    for (uint32_t i = 0; i < cpu->held_count; i++)
        if (cpu->held[i].depth >= depth)
            attribution_lock_change(attribution, cpu->held[i].lock,
                                    (struct holder){ record->time, who, record->cpu, true });
}
