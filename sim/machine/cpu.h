/* SPDX-License-Identifier: Apache-2.0
 *
 * A simulated physical CPU: one coroutine on one stack, as real hypervisors have one stack per pCPU; a nested interrupt
 * is a plain C call on it. `struct cpu *cpu` first in a parameter list means "runs on this CPU and may suspend": a
 * function without it cannot pass time.
 *
 * Local time: the cycles a CPU spends are added to `ahead` and cost no event as long as no other CPU or device could
 * observe or affect them. Then the CPU settles: it waits until the clock has caught up, and takes interrupts at their
 * time. Every access of a line settles first, unless the line cannot have changed its owner meanwhile
 * (line_stays_owned), because another CPU may request it earlier.
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

/* What a pCPU spends its time on; the categories of each pCPU sum to elapsed time (checked in every run). */
enum cpu_category { CPU_GUEST, CPU_HYPERVISOR, CPU_INTERRUPT, CPU_LOCK_WAIT, CPU_IDLE, CPU_CATEGORY_COUNT };

/* What every settle and access needs is in the first two cache lines of the host. */
struct cpu {
    _Alignas(64) struct actor actor; /* boots on this one */
    uint32_t slot;                   /* of the actor that runs on it, which cpu_exchange changes */
    uint32_t id;
    struct machine *machine;
    struct engine *engine;
    const struct costs *costs;
    const struct machine_policy *policy; /* copy of machine->policy */
    void *hypervisor;                    /* the model's per-CPU state */
    cycles ahead;                        /* this CPU's time beyond the engine's clock; 0 while it is parked */
    cycles on_from; /* earliest time for an interrupt: interrupts were off, or an instruction ends there */
    bool irq_on;
    bool has_turn;         /* explored: the next access belongs to the step in progress */
    bool is_releasing;     /* explored: the next store releases a lock (policies/exhaustive.c) */
    bool has_lock_turn;    /* explored: so does the next access unless it takes a lock (policies/exhaustive.c) */
    bool is_interruptible; /* parked, and a vector that arrives must wake it */
    bool is_nudged;        /* cpu_nudge has been called, until cpu_nudge_clear */
    bool is_off;           /* until cpu_power_on */
    uint32_t domain;       /* last-level cache */
    struct lapic lapic;
    uint32_t interrupt_depth;
    enum cpu_category category;
    cycles category_since;
    const char *step;    /* name of the next access in a trace; NULL: none */
    struct rng_lognormals software; /* for the spread of software costs */
    uint32_t socket;
    uint32_t node;
    cycles idle_mean; /* of the last idle times, each with half the weight of the next */
    struct spin spin;
    uint64_t lock_waits; /* times that CPU_LOCK_WAIT was entered; stays 0 in an exploration */
    cycles category_cycles[CPU_CATEGORY_COUNT];
};

/* Whether every interleaving of this CPU's steps is explored, and time stands still. For models only; the machine's own
 * behaviour depends on its policy. */
static inline bool cpu_is_explored(const struct cpu *cpu) { return cpu->policy->is_explored; }

static inline cycles cpu_now(const struct cpu *cpu) { return cpu->engine->now + cpu->ahead; }

/* Writes a trace record at this CPU's time (engine/trace.h). */
static inline void cpu_trace(const struct cpu *cpu, enum trace_kind kind, uint32_t who, uint32_t flow, uint32_t a,
                             uint64_t b)
{
    engine_trace(cpu->engine, cpu_now(cpu), cpu->id, kind, who, flow, a, b);
}

/* Names the next access in a trace, as in word_load(step(cpu, "c1"), ...). The family's README.md or header explains
 * the names. */
static inline struct cpu *step(struct cpu *cpu, const char *name)
{
    cpu->step = name;
    return cpu;
}

/* --- operations on the running CPU --- */

/* Waits until the clock has caught up with this CPU. */
static inline void cpu_settle(struct cpu *cpu)
{
    if (cpu->ahead > 0)
        cpu->policy->settle(cpu);
}

/* Explored: a choice point without an access, where other CPUs may run and an interrupt may be taken. */
static inline void cpu_local_step(struct cpu *cpu)
{
    if (__builtin_expect(cpu->policy->local_step != NULL, false))
        cpu->policy->local_step(cpu);
}

/* Explored: a choice point before an access of memory that is no word; the caller accesses it before its next step.
 * `drains`: the access waits until earlier stores of this CPU are visible, as a locked operation does. */
static inline void cpu_access_step(struct cpu *cpu, bool drains)
{
    if (cpu->policy->access_step != NULL)
        cpu->policy->access_step(cpu, drains);
}

/* Settles, and is a choice point: what follows sees everything other CPUs have done up to this CPU's time. */
static inline void cpu_look(struct cpu *cpu)
{
    cpu_settle(cpu);
    cpu_local_step(cpu);
}

/* Until all earlier stores of this CPU are visible to other CPUs, its later loads wait: MFENCE, a locked operation on
 * memory of its own (smp_mb of Linux and Xen), or an instruction that serialises. Locked operations of word.h need no
 * fence. Free where every store is visible at once: in timed runs, whose stores cost what they cost without a fence,
 * and in explorations of sequentially consistent memory. */
static inline void cpu_fence(struct cpu *cpu)
{
    if (__builtin_expect(cpu->policy->fence != NULL, false))
        cpu->policy->fence(cpu);
}

/* A fence that is part of what the CPU does anyway, and after which no IPI is sent before the next access: taking an
 * interrupt, or IRET. Costs nothing. */
static inline void cpu_serialise(struct cpu *cpu)
{
    if (__builtin_expect(cpu->policy->serialise != NULL, false))
        cpu->policy->serialise(cpu);
}

/* Explored: the next access starts a new step. */
static inline void cpu_step_end(struct cpu *cpu) { cpu->has_turn = false; }

/* The time `after` cycles from now; CYCLES_NEVER where time stands still. */
static inline cycles cpu_deadline(const struct cpu *cpu, cycles after) { return cpu->policy->deadline(cpu, after); }

/* Spends time. With interrupts on, one that arrives meanwhile is taken at its time, and the remainder is spent after
 * its handler. */
void cpu_spend(struct cpu *cpu, cycles duration);

/* Spends the time of a software path: lognormal around `mean` with the machine's spread. */
void cpu_spend_software(struct cpu *cpu, cycles mean);

/* Advances this CPU's time to `when`, which must not be before the clock: one instruction, without interrupts. */
static inline void cpu_until(struct cpu *cpu, cycles when)
{
    CHECK(when >= cpu->engine->now);
    cpu->ahead = when - cpu->engine->now;
    cpu->on_from = when;
}

/* Takes every deliverable vector, if interrupts are on. */
void cpu_take_interrupts(struct cpu *cpu);

/* An instruction boundary: settles and takes pending interrupts. */
static inline void cpu_arrive(struct cpu *cpu)
{
    cpu_settle(cpu);
    if (cpu->irq_on && cpu->lapic.irr_count != 0)
        cpu_take_interrupts(cpu);
}

/* One iteration of a loop that waits for another CPU without word_wait: PAUSE, then an instruction boundary. */
static inline void cpu_relax(struct cpu *cpu)
{
    cpu_spend(cpu, cpu->costs->pause);
    cpu_arrive(cpu);
    cpu_local_step(cpu);
}

/* Turns interrupts off; returns whether they were on. Interrupts that arrived before are taken first. */
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

/* Turns interrupts on and takes the pending ones. */
void cpu_irq_on(struct cpu *cpu);

/* Turns interrupts on if `was_on`. */
static inline void cpu_irq_restore(struct cpu *cpu, bool was_on)
{
    if (was_on)
        cpu_irq_on(cpu);
}

/* Interrupts must be off: halts until a vector is pending, and does not take it. Adds the C-state's exit cost if the
 * CPU slept. The state is the deepest one allowed that takes at most a tenth of the CPU's mean idle time to leave, as
 * Xen's menu governor limits it since 775c681db1. */
void cpu_halt(struct cpu *cpu);

/* The same in C1: HLT in guest mode. */
void cpu_halt_shallow(struct cpu *cpu);

/* Parks until `when`, which may be CYCLES_NEVER, until a vector is pending, even with interrupts off, or until
 * cpu_nudge: for guest mode, and for a loop that polls memory. Returns true when `when` was reached without one. */
bool cpu_run_until(struct cpu *cpu, cycles when);

/* What the CPU polls may have changed: ends its cpu_run_until, and each later one until cpu_nudge_clear. Takes no
 * time. */
void cpu_nudge(struct cpu *target);
static inline void cpu_nudge_clear(struct cpu *cpu) { cpu->is_nudged = false; }

/* Takes the highest deliverable vector with interrupts off, as VMX acknowledges an interrupt at exit: the handler is
 * called, and no IRET follows. Returns false when there is none. */
bool cpu_acknowledge_interrupt(struct cpu *cpu);

/* Interrupts must be off: halts and ignores all vectors; returns after a cpu_power_on. */
void cpu_power_off(struct cpu *cpu);

/* Sends INIT to a CPU that is off: resets its LAPIC and lets it return from cpu_power_off. */
void cpu_power_on(struct cpu *cpu, struct cpu *target);

/* Switches this CPU to another stack, which is parked in cpu_exchange or has not begun: a context switch without its
 * cost. Time and interrupt state belong to the CPU and do not change. */
static inline void cpu_exchange(struct cpu *cpu, struct actor *next)
{
    cpu->slot = next->slot;
    engine_exchange(cpu->engine, next);
}

/* Sets the category to which time is charged from now on; returns the previous one. */
enum cpu_category cpu_category_set(struct cpu *cpu, enum cpu_category category);

/* Charges the current category up to now. */
void cpu_category_flush(struct cpu *cpu);

/* Restarts the counters; the current category stays. */
void cpu_measure(struct cpu *cpu);

/* Reports cpu_metric_table over all pCPUs, and CHECKs that the categories of each pCPU sum to `elapsed`. */
void cpus_report(struct machine *machine, struct metrics *metrics, cycles elapsed);

extern const struct metric_table cpu_metric_table;

/* --- notices from a lock to the policy: this CPU is about to wait for the lock's word; it has taken the lock; its next
 * access releases the lock. The last two only from a lock that other CPUs wait for, but never try or read --- */

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

/* --- from outside the CPU --- */

/* Resumes a parked CPU at `when`. */
static inline void cpu_wake_at(struct cpu *cpu, cycles when) { engine_wake(cpu->engine, cpu->slot, when); }

/* Something has come that ends what an interruptible CPU waits for: resumes it now. */
static inline void cpu_interrupt(struct cpu *cpu)
{
    if (cpu->is_interruptible && cpu->spin.state == SPIN_POLLING)
        cpu->policy->disturb(cpu);
    if (cpu->is_interruptible)
        cpu_wake_at(cpu, cpu->engine->now);
}

#endif
