/* SPDX-License-Identifier: Apache-2.0
 *
 * The exhaustive policy. Every access of a word is a choice point: the CPU parks with its slot pending before it, and
 * whoever explores decides who goes next. Time stands still, and lines cost nothing. A CPU that waits for a value is
 * pending only while the word holds it; interrupts are taken at choice points. A step is everything from one choice
 * point of a CPU to its next.
 */
#include "machine/policies/policies.h"

#include <inttypes.h>
#include <stdio.h>
#include <string.h>

#include "machine/cpu.h"
#include "machine/devices/device_targets.h"
#include "machine/explored.h"
#include "machine/lines/line.h"
#include "machine/lines/queues.h"
#include "machine/lock_order_record.h"
#include "machine/names.h"
#include "machine/notes.h"

/* As deep as a step may go below a verb, the parking itself and a frame or two of the model left out. */
#define DEAD_FRAMES_BYTES 1024

/* --- notes --- */

static const char *const operation_names[] = {
    [WORD_LOAD] = "load", [WORD_STORE] = "store",     [WORD_XCHG] = "xchg",          [WORD_CAS] = "cas",
    [WORD_ADD] = "add",   [WORD_OR] = "test-and-set", [WORD_AND] = "test-and-clear", [WORD_FIELD] = "store in",
};

static const char *name_of(const struct cpu *cpu, const struct word *word)
{
    const struct word_name *found = names_find(cpu->engine->explored, word);

    return found != NULL ? found->name : "a word";
}

/* With the blank that separates it from what follows. */
static const char *step_name(const struct cpu *cpu)
{
    static _Thread_local char text[16];

    if (cpu->step == NULL)
        return "";
    (void)snprintf(text, sizeof(text), "%s ", cpu->step);
    return text;
}

static void note_access(const struct cpu *cpu, const struct word *word, enum word_operation operation, uint64_t old)
{
    const char *name = name_of(cpu, word), *verb = operation_names[operation];

    if (operation == WORD_LOAD)
        notes_add(cpu->engine, cpu, "%s%s %s = %" PRIx64, step_name(cpu), verb, name, old);
    else
        notes_add(cpu->engine, cpu, "%s%s %s: %" PRIx64 " -> %" PRIx64, step_name(cpu), verb, name, old, word->value);
}

/* --- choice points --- */

/* What earlier calls have left on the stack must not make two states of one: frames to come begin with zeros. */
__attribute__((noinline)) static void forget_dead_frames(void)
{
    char dead[DEAD_FRAMES_BYTES];

    memset(dead, 0, sizeof(dead));
    __asm__ volatile("" : : "r"(dead) : "memory");
}

/* A pending interrupt goes before the access; true when there was one. Its handler's first access is part of the step.
 */
static bool took_interrupts(struct cpu *cpu)
{
    if (!cpu->irq_on || lapic_deliverable(cpu) == 0)
        return false;
    cpu->has_turn = true;
    cpu_take_interrupts(cpu);
    cpu->has_turn = false;
    return true;
}

static void point(struct cpu *cpu)
{
    forget_dead_frames();
    do {
        cpu_wake_at(cpu, cpu->engine->now);
        engine_park(cpu->engine);
    } while (took_interrupts(cpu));
}

static void local_step(struct cpu *cpu)
{
    point(cpu);
    cpu->has_turn = true;
}

/* Whether one who waits for a value may go now. */
static void waiter_update(struct cpu *cpu)
{
    bool may_go = cpu->spin.word->value == cpu->spin.wanted || (cpu->is_interruptible && lapic_deliverable(cpu) != 0);

    cpu_wake_at(cpu, may_go ? cpu->engine->now : CYCLES_NEVER);
}

static void word_set(struct machine *machine, struct word *word, uint64_t value)
{
    if (word->value == value)
        return;
    word->value = value;
    for (uint32_t id = 0; id < machine->cpu_count; id++)
        if (machine->cpus[id].spin.state == SPIN_READING && machine->cpus[id].spin.word == word)
            waiter_update(&machine->cpus[id]);
}

/* Until the word holds `wanted` and it is this CPU's turn. */
static void await(struct cpu *cpu, struct word *word, uint64_t wanted)
{
    bool has_turn = cpu->has_turn;

    cpu->has_turn = cpu->has_lock_turn = false;
    if (has_turn && word->value == wanted)
        return;
    do {
        cpu->spin.state = SPIN_READING;
        cpu->spin.word = word;
        cpu->spin.wanted = wanted;
        cpu->is_interruptible = cpu->irq_on;
        waiter_update(cpu);
        engine_park(cpu->engine);
        cpu->is_interruptible = false;
        cpu->spin.state = SPIN_NONE;
        cpu->spin.word = NULL;
        cpu->spin.wanted = 0;
    } while (took_interrupts(cpu) || word->value != wanted);
}

static uint64_t access(struct cpu *cpu, struct word *word, enum word_operation operation, uint64_t operand,
                       uint64_t comparand)
{
    if (!cpu->has_turn && !cpu->has_lock_turn)
        point(cpu);
    cpu->has_turn = cpu->has_lock_turn = false;
    uint64_t old = word->value;
    if (operation != WORD_LOAD)
        word_set(cpu->machine, word, word_apply(operation, old, operand, comparand));
    if (notes_are_read(cpu->engine))
        note_access(cpu, word, operation, old);
    cpu->step = NULL;
    forget_dead_frames();
    return old;
}

static void wait(struct cpu *cpu, struct word *word, uint64_t value)
{
    await(cpu, word, value);
    if (notes_are_read(cpu->engine))
        notes_add(cpu->engine, cpu, "%swaited for %s = %" PRIx64, step_name(cpu), name_of(cpu, word), value);
    cpu->step = NULL;
    forget_dead_frames();
}

/* A failed attempt has no effect but on the interrupt flag: without polling with interrupts on it is no step. */
static void acquire(struct cpu *cpu, struct word *word, uint64_t free, uint64_t taken, bool irq_on_while_polling)
{
    bool is_taken = false;

    CHECK(!cpu->irq_on);
    if (irq_on_while_polling) {
        if (!cpu->has_turn)
            point(cpu);
        cpu->has_turn = is_taken = word->value == free;
    }
    if (irq_on_while_polling && !is_taken) {
        cpu->irq_on = true;
        cpu_take_interrupts(cpu);
    }
    await(cpu, word, free);
    cpu->irq_on = false;
    word_set(cpu->machine, word, taken);
    if (notes_are_read(cpu->engine))
        notes_add(cpu->engine, cpu, "%slock %s", step_name(cpu), name_of(cpu, word));
    cpu->step = NULL;
    forget_dead_frames();
}

/* Lines cost nothing, and nobody reads what is touched. */
static void touch(struct cpu *cpu, struct line *line, enum line_access access)
{
    (void)cpu;
    (void)line;
    (void)access;
}

static void register_step(struct cpu *cpu)
{
    if (!cpu->has_turn)
        local_step(cpu);
    cpu->has_turn = false;
}

/* --- locks --- */

/* Reduction. Nobody can tell when, between its neighbours, a CPU with interrupts off gives back a lock that all others
 * wait for and none tries or looks at: giving it back commutes with whatever they do meanwhile, for they can't take the
 * lock. So the release belongs to the step before it, and by the same argument the acquisition to the step after it,
 * unless that takes a lock, too: there a deadlock may lie. */
static void lock_released(struct cpu *cpu)
{
    if (!cpu->irq_on && cpu->engine->explored->merges)
        cpu->has_turn = true;
}

static void lock_acquired(struct cpu *cpu)
{
    if (!cpu->irq_on && cpu->engine->explored->merges)
        cpu->has_lock_turn = true;
}

/* --- time stands still --- */

/* Any wait is over at its next choice point, or later. */
static void settle(struct cpu *cpu) { cpu->ahead = 0; }

/* A hypervisor's timer never expires by itself; a model whose timers matter says when they may. */
static void timer_set(struct cpu *cpu, cycles when)
{
    (void)cpu;
    (void)when;
}

static cycles deadline(const struct cpu *cpu, cycles after)
{
    (void)cpu;
    (void)after;
    return CYCLES_NEVER;
}

static void event_at(struct engine *engine, uint32_t slot, cycles when)
{
    engine_at(engine, slot, when == CYCLES_NEVER ? CYCLES_NEVER : engine->now);
}

static void event_again(struct engine *engine, uint32_t slot, cycles when)
{
    (void)when;
    engine_cancel(engine, slot);
}

static void event_after(struct engine *engine, uint32_t slot, cycles delay)
{
    (void)delay;
    engine->slots[slot].fire(engine->slots[slot].argument);
}

/* --- violations --- */

static _Noreturn void path_end(struct cpu *cpu, enum violation_kind kind, const char *text)
{
    struct explored *explored = cpu->engine->explored;

    CHECK(explored != NULL);
    explored->violation.kind = kind;
    (void)snprintf(explored->violation.text, sizeof(explored->violation.text), "cpu%" PRIu32 ": %s", cpu->id, text);
    notes_add(cpu->engine, cpu, "%s: %s", violation_name(kind), text);
    for (;;)
        engine_park(cpu->engine);
}

/* The queues of lines stay empty; they are there so that slots have the same numbers under each policy. */
const struct machine_policy policy_exhaustive = {
    .engine = &engine_policy_exhaustive,
    .is_explored = true,
    .lines_init = queues_init,
    .access = access,
    .wait = wait,
    .acquire = acquire,
    .acquire_by_cas = acquire,
    .touch = touch,
    .local_step = local_step,
    .register_step = register_step,
    .lock_wanted = lock_order_record,
    .lock_acquired = lock_acquired,
    .lock_released = lock_released,
    .settle = settle,
    .timer_set = timer_set,
    .deadline = deadline,
    .event_at = event_at,
    .event_again = event_again,
    .event_after = event_after,
    .vector_init = device_targets_init,
    .vector_start = device_targets_update,
    .raise = path_end,
    .find = path_end,
};
