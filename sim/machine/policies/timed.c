/* SPDX-License-Identifier: Apache-2.0
 *
 * The timed policy: accesses, waits and steps take the cycles of the cost table and the lines, the earliest slot goes
 * first, and a crash of the modelled code ends the run. Memory is sequentially consistent: there are no store buffers,
 * whatever the scenario's run.memory says, and a fence costs nothing.
 */
#include "machine/policies/timed.h"

#include <stdio.h>

#include "machine/cpu.h"
#include "machine/devices/device.h"
#include "machine/lines/line.h"
#include "machine/lines/queues.h"
#include "machine/lines/word.h"
#include "machine/policies/policies.h"

const struct machine_policy policy_timed = {
    .engine = &engine_policy_timed,
    .has_line_ownership = true,
    .lines_init = queues_init,
    .lines_settle = queues_settle,
    .access = pollers_request,
    .wait = timed_wait,
    .acquire = timed_acquire,
    .acquire_by_cas = timed_acquire_by_cas,
    .touch = timed_touch,
    .disturb = pollers_disturb,
    .settle = timed_settle,
    .timer_set = timed_timer_set,
    .deadline = timed_deadline,
    .event_at = timed_event_at,
    .event_again = timed_event_at,
    .event_after = timed_event_after,
    .vector_start = device_arrivals_start,
    .raise = timed_raise,
};

/* --- accesses --- */

void timed_wait(struct cpu *cpu, struct word *word, uint64_t value)
{
    if (word_load(cpu, word) == value)
        return;
    enum cpu_category category = cpu_category_set(cpu, CPU_LOCK_WAIT);
    for (;;) {
        cpu_settle(cpu);
        /* A write may have taken effect since the load. */
        if (word->value != value) {
            if (waiters_park(cpu, word, value))
                break;
            cpu_take_interrupts(cpu);
        }
        if (word_load(cpu, word) == value)
            break;
    }
    cpu_category_set(cpu, category);
}

void timed_acquire(struct cpu *cpu, struct word *word, uint64_t free, uint64_t taken, bool irq_on_while_polling)
{
    if (word_xchg(cpu, word, taken) == free)
        return;
    enum cpu_category category = cpu_category_set(cpu, CPU_LOCK_WAIT);
    bool is_acquired = false;
    while (!is_acquired) {
        cpu->irq_on = irq_on_while_polling;
        cpu->on_from = cpu_now(cpu);
        cpu_take_interrupts(cpu);
        cpu_settle(cpu);
        is_acquired = pollers_park(cpu, word, free, taken);
        cpu->irq_on = false;
    }
    cpu_category_set(cpu, category);
}

void timed_acquire_by_cas(struct cpu *cpu, struct word *word, uint64_t free, uint64_t taken, bool irq_on_while_polling)
{
    if (word_cas(cpu, word, free, taken) == free)
        return;
    enum cpu_category category = cpu_category_set(cpu, CPU_LOCK_WAIT);
    do {
        cpu->irq_on = irq_on_while_polling;
        cpu->on_from = cpu_now(cpu);
        cpu_take_interrupts(cpu);
        cpu_spend(cpu, cpu->costs->pause > 0 ? cpu->costs->pause : 1); /* time must pass */
        cpu_arrive(cpu);
        cpu->irq_on = false;
    } while (pollers_request(cpu, word, WORD_CAS, taken, free) != free);
    cpu_category_set(cpu, category);
}

void timed_touch(struct cpu *cpu, struct line *line, enum line_access access)
{
    pollers_bypass(line);
    cpu_until(cpu, line_request(line, cpu, cpu_now(cpu), access));
}

/* --- time --- */

static bool has_vector(const struct cpu *cpu) { return cpu->irq_on && lapic_deliverable(cpu) != 0; }

/* Parks until `end`, for which the slot is set, or until a vector comes. Returns whether it is `end`. */
static bool reaches(struct cpu *cpu, cycles end)
{
    cpu->is_interruptible = cpu->irq_on;
    engine_park(cpu->engine);
    cpu->is_interruptible = false;
    return cpu->engine->now >= end;
}

/* Takes the vectors that have come before `end`, and returns when the CPU has spent the rest of its time then. */
static cycles take_vectors(struct cpu *cpu, cycles end)
{
    if (cpu->engine->now < cpu->on_from) {
        cpu_wake_at(cpu, cpu->on_from);
        engine_park(cpu->engine);
    }
    cycles left = end > cpu->engine->now ? end - cpu->engine->now : 0; /* 0: resumed late by the random policy */
    cpu_take_interrupts(cpu);
    return cpu->engine->now + left;
}

/* Not inlined: most settles run ahead, and save no registers then. */
__attribute__((noinline)) static void settle_slowly(struct cpu *cpu, cycles end, bool may_have_vector)
{
    bool is_set = !may_have_vector;

    if (is_set && engine_advance_or_set(cpu->engine, cpu->slot, end))
        return;
    while (!is_set || !reaches(cpu, end)) {
        if (is_set || has_vector(cpu))
            end = take_vectors(cpu, end);
        if (cpu->engine->now >= end)
            return;
        is_set = !has_vector(cpu);
        if (is_set && engine_advance_or_set(cpu->engine, cpu->slot, end))
            return;
    }
}

void timed_settle(struct cpu *cpu)
{
    cycles end = cpu_now(cpu);
    /* It may have arrived while the CPU was in a line's queue. */
    bool may_have_vector = cpu->irq_on && cpu->lapic.irr_count != 0;

    cpu->ahead = 0;
    if (may_have_vector || !engine_advance_quickly(cpu->engine, cpu->slot, end))
        settle_slowly(cpu, end, may_have_vector);
}

void timed_timer_set(struct cpu *cpu, cycles when)
{
    cpu_spend(cpu, cpu->costs->timer_program);
    cycles now = cpu_now(cpu);
    engine_at(cpu->engine, cpu->lapic.timer_slot, when < now ? now : when);
}

cycles timed_deadline(const struct cpu *cpu, cycles after) { return cpu_now(cpu) + after; }

void timed_event_at(struct engine *engine, uint32_t slot, cycles when)
{
    engine_at(engine, slot, when > engine->now ? when : engine->now);
}

void timed_event_after(struct engine *engine, uint32_t slot, cycles delay)
{
    engine_at(engine, slot, engine->now + delay);
}

/* --- violations --- */

/* Ends the run once the clock has reached this CPU's time; another CPU may crash before. */
static _Noreturn void run_end(struct cpu *cpu, enum violation_kind kind, const char *text)
{
    struct crash *crash = cpu->machine->crash;

    cpu->irq_on = false;
    cpu_settle(cpu);
    if (crash->violation.kind == VIOLATION_NONE) {
        crash->violation.kind = kind;
        (void)snprintf(crash->violation.text, sizeof(crash->violation.text), "%s", text);
        crash->cpu = cpu->id;
        crash->at = cpu->engine->now;
        engine_stop(cpu->engine);
    }
    for (;;) {
        cpu_wake_at(cpu, CYCLES_NEVER);
        engine_park(cpu->engine);
    }
}

static _Noreturn void run_fail(const struct cpu *cpu, enum violation_kind kind, const char *text)
{
    bool names_itself = kind == VIOLATION_MODELLED_BUG; /* the text names the kind: "BUG_ON(...)" */
    char message[VIOLATION_TEXT_BYTES];

    (void)snprintf(message, sizeof(message), "%s%s%s", names_itself ? "" : violation_name(kind),
                   names_itself ? "" : ": ", text);
    check_failed("the modelled hypervisor crashes on CPU", (int)cpu->id, message);
}

__attribute__((noreturn)) void timed_raise(struct cpu *cpu, enum violation_kind kind, const char *text)
{
    if (cpu->machine->crash == NULL)
        run_fail(cpu, kind, text);
    run_end(cpu, kind, text);
}
