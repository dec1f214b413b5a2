/* SPDX-License-Identifier: Apache-2.0
 *
 * A simulated physical CPU: one coroutine on one stack, as real hypervisors have one stack per pCPU; a nested interrupt
 * is a plain C call on it. `struct cpu *cpu` first in a parameter list means "runs on this CPU and may suspend": a
 * function without it cannot pass time.
 *
 * Local time: what a CPU does is added to `ahead` and costs no event until somebody else could see it or disturb it.
 * Then it settles: waits until the clock has caught up, taking interrupts at their time. Every access of a line settles
 * first, unless nobody could have taken the line in between (line_stays_own): another CPU may ask for it before this
 * one's time.
 */
#ifndef MACHINE_CPU_H
#define MACHINE_CPU_H

#include <stdbool.h>
#include <stdint.h>

#include "base/metric.h"
#include "engine/engine.h"
#include "machine/lapic.h"
#include "machine/machine.h"
#include "machine/policy.h"
#include "machine/spin.h"

/* What a pCPU does; the categories of each pCPU sum to elapsed time (checked in every run). */
enum cpu_category { CPU_GUEST, CPU_HYPERVISOR, CPU_INTERRUPT, CPU_LOCK_WAIT, CPU_IDLE, CPU_CATEGORY_COUNT };

struct cpu {
    struct actor actor; /* the one it boots with */
    uint32_t slot;      /* of the actor that runs on it now: another one's after cpu_exchange */
    struct machine *machine;
    struct engine *engine;
    const struct costs *costs;
    const struct machine_policy *policy; /* the machine's, at hand */
    uint32_t id;
    uint32_t domain; /* last-level cache */
    uint32_t socket;
    uint32_t node;
    cycles ahead;   /* this CPU's time beyond the engine's clock; 0 while it is parked */
    cycles on_from; /* interrupts are taken from here on: they were off, or an instruction ends there */
    bool irq_on;
    bool has_turn;         /* explored: the next access belongs to the step in progress; */
    bool has_lock_turn;    /* as long as it takes no lock (policies/exhaustive.c) */
    bool is_interruptible; /* parked, and a vector that arrives must wake it */
    bool is_off;           /* until cpu_power_on */
    uint32_t interrupt_depth;
    const char *step; /* what a trace calls the next access; NULL: it has no name */
    struct lapic lapic;
    struct spin spin;
    struct rng software; /* spread of software paths */
    void *hypervisor;    /* the model's per-CPU state */
    enum cpu_category category;
    cycles category_since;
    cycles category_cycles[CPU_CATEGORY_COUNT];
};

/* Every interleaving of what this CPU does is tried, and time stands still. Only for what a model makes of that; what
 * the machine does is its policy's. */
static inline bool cpu_is_explored(const struct cpu *cpu) { return cpu->policy->is_explored; }

static inline cycles cpu_now(const struct cpu *cpu) { return cpu->engine->now + cpu->ahead; }

/* A record of what this CPU does now (engine/trace.h). */
static inline void cpu_trace(const struct cpu *cpu, enum trace_kind kind, uint32_t who, uint32_t flow, uint32_t a,
                             uint64_t b)
{
    engine_trace(cpu->engine, cpu_now(cpu), cpu->id, kind, who, flow, a, b);
}

/* The access that follows has this name in a trace; the family's README.md or header explains it:
 * word_load(step(cpu, "c1"), ...). */
static inline struct cpu *step(struct cpu *cpu, const char *name)
{
    cpu->step = name;
    return cpu;
}

/* --- verbs --- */

/* The clock catches up with this CPU. */
static inline void cpu_settle(struct cpu *cpu)
{
    if (cpu->ahead > 0)
        cpu->policy->settle(cpu);
}

/* Explored, others may go here, and an interrupt may come: a choice point without an access. */
static inline void cpu_local_step(struct cpu *cpu)
{
    if (__builtin_expect(cpu->policy->local_step != NULL, false))
        cpu->policy->local_step(cpu);
}

/* What others have done up to now is seen. */
static inline void cpu_look(struct cpu *cpu)
{
    cpu_settle(cpu);
    cpu_local_step(cpu);
}

/* What follows is no part of the step in progress. */
static inline void cpu_step_end(struct cpu *cpu) { cpu->has_turn = false; }

/* `after` from now; never where time stands still. */
static inline cycles cpu_deadline(const struct cpu *cpu, cycles after) { return cpu->policy->deadline(cpu, after); }

/* Passes time; interrupts that arrive are taken at their time when they are on, and the rest is spent afterwards. */
void cpu_spend(struct cpu *cpu, cycles duration);

/* cpu_spend of a software path: lognormal around `mean` with the machine's software_cv_permille. */
void cpu_spend_software(struct cpu *cpu, cycles mean);

/* This CPU's time becomes `when` (its now, or later), uninterruptible: one instruction. */
static inline void cpu_until(struct cpu *cpu, cycles when)
{
    CHECK(when >= cpu->engine->now);
    cpu->ahead = when - cpu->engine->now;
    cpu->on_from = when;
}

/* Takes every deliverable vector, if interrupts are on. */
void cpu_take_interrupts(struct cpu *cpu);

/* The border between two instructions: the clock catches up, and interrupts are taken. */
static inline void cpu_arrive(struct cpu *cpu)
{
    cpu_settle(cpu);
    if (cpu->irq_on && cpu->lapic.irr_count != 0)
        cpu_take_interrupts(cpu);
}

/* One turn of a loop that waits for another CPU without word_wait: PAUSE, and the clock catches up. */
static inline void cpu_relax(struct cpu *cpu)
{
    cpu_spend(cpu, cpu->costs->pause);
    cpu_arrive(cpu);
    cpu_local_step(cpu);
}

/* Interrupts off; returns whether they were on. What came before is taken first. */
static inline bool cpu_irq_off(struct cpu *cpu)
{
    bool was_on = cpu->irq_on;

    if (was_on) {
        cpu_arrive(cpu);
        cpu_local_step(cpu);
    }
    cpu->irq_on = false;
    return was_on;
}

/* Interrupts on: takes what is pending now. */
void cpu_irq_on(struct cpu *cpu);

/* On only if `was_on`. */
static inline void cpu_irq_restore(struct cpu *cpu, bool was_on)
{
    if (was_on)
        cpu_irq_on(cpu);
}

/* Interrupts must be off: halts until a vector is pending (not taken yet). Adds the C-state's exit cost if it slept. */
void cpu_halt(struct cpu *cpu);

/* Parks until slot time, `when` at the latest, or a pending vector whatever irq_on says: for guest mode. Returns true
 * when `when` was reached without a pending vector. `when` may be CYCLES_NEVER. */
bool cpu_run_until(struct cpu *cpu, cycles when);

/* Takes the highest deliverable vector with interrupts off, as VMX acknowledges an interrupt at exit. Returns false
 * when there is none. */
bool cpu_acknowledge_interrupt(struct cpu *cpu);

/* Interrupts must be off: halts for good, deaf to vectors; returns after a cpu_power_on. */
void cpu_power_off(struct cpu *cpu);

/* INIT to a CPU that is off: with an empty LAPIC it goes on from its cpu_power_off. */
void cpu_power_on(struct cpu *cpu, struct cpu *target);

/* Another stack of this CPU, which is parked in cpu_exchange or has not begun, goes on here: a context switch without
 * its cost. Time and interrupt state are the CPU's and stay as they are. */
static inline void cpu_exchange(struct cpu *cpu, struct actor *next)
{
    cpu->slot = next->slot;
    engine_exchange(cpu->engine, next);
}

/* What the pCPU does from now on; returns what it did. */
enum cpu_category cpu_category_set(struct cpu *cpu, enum cpu_category category);

/* Charges the current category up to now. */
void cpu_category_flush(struct cpu *cpu);

/* Counters restart; the current category goes on. */
void cpu_measure(struct cpu *cpu);

/* cpu_metric_table, of all pCPUs together; CHECKs that the categories of each sum to `elapsed`. */
void cpus_report(struct machine *machine, struct metrics *metrics, cycles elapsed);

extern const struct metric_table cpu_metric_table;

/* --- a lock tells: its word will be waited for; it is taken; it will be given back by the next access. Of the last
 * two, only a lock that all others wait for and none tries or looks at --- */

static inline void cpu_lock_wanted(struct cpu *cpu, const struct word *word)
{
    if (__builtin_expect(cpu->policy->lock_wanted != NULL, false))
        cpu->policy->lock_wanted(cpu, word);
}

static inline void cpu_lock_acquired(struct cpu *cpu)
{
    if (__builtin_expect(cpu->policy->lock_acquired != NULL, false))
        cpu->policy->lock_acquired(cpu);
}

static inline void cpu_lock_released(struct cpu *cpu)
{
    if (__builtin_expect(cpu->policy->lock_released != NULL, false))
        cpu->policy->lock_released(cpu);
}

/* --- not on a CPU --- */

/* The CPU resumes at `when`; only for a parked CPU. */
static inline void cpu_wake_at(struct cpu *cpu, cycles when) { engine_at(cpu->engine, cpu->slot, when); }

#endif
