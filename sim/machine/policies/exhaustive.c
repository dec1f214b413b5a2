/* SPDX-License-Identifier: Apache-2.0
 *
 * The exhaustive policy. Every access of a word is a choice point: before it the CPU parks with its slot pending, and
 * the explorer selects the next slot. Time stands still, and lines cost nothing. A CPU that waits for a value is
 * pending only while the word holds this value; interrupts are taken at choice points. A step is everything from one
 * choice point of a CPU to its next.
 *
 * There are two of it: memory is sequentially consistent, or has a store buffer for each pCPU (store_buffer.h).
 */
#include "machine/policies/policies.h"

#include <inttypes.h>
#include <stdio.h>
#include <string.h>

#include "machine/cpu.h"
#include "machine/devices/device_targets.h"
#include "machine/explored.h"
#include "machine/footprint.h"
#include "machine/lines/line.h"
#include "machine/lines/queues.h"
#include "machine/lock_order_record.h"
#include "machine/names.h"
#include "machine/notes.h"
#include "machine/lines/store_buffer.h"

/* Stack that a step may use below a choice point, without engine_park and one or two frames of the model. */
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

/* The name of the step followed by a blank, or "". */
static const char *step_name(const struct cpu *cpu)
{
    static _Thread_local char text[16];

    if (cpu->step == NULL)
        return "";
    (void)snprintf(text, sizeof(text), "%s ", cpu->step);
    return text;
}

static void note_access(const struct cpu *cpu, const struct word *word, enum word_operation operation, uint64_t old,
                        uint64_t value)
{
    const char *name = name_of(cpu, word), *verb = operation_names[operation];

    notes_access(cpu->engine, cpu, &word->value, sizeof(word->value), NULL);
    if (operation == WORD_LOAD)
        notes_add(cpu->engine, cpu, "%s%s %s = %" PRIx64, step_name(cpu), verb, name, old);
    else
        notes_add(cpu->engine, cpu, "%s%s %s: %" PRIx64 " -> %" PRIx64, step_name(cpu), verb, name, old, value);
}

/* --- choice points --- */

/* Clears the stack below: stale data of earlier calls, left in unused bytes of later frames, would make equal states
 * differ. */
__attribute__((noinline)) static void clear_dead_frames(void)
{
    char dead[DEAD_FRAMES_BYTES];

    memset(dead, 0, sizeof(dead));
    __asm__ volatile("" : : "r"(dead) : "memory");
}

static bool has_stores(const struct cpu *cpu)
{
    const struct store_buffer *buffer = store_buffer_of(cpu);

    return buffer != NULL && buffer->count > 0;
}

/* Only where a step begins: what the CPU has seen in its step so far, others may have changed before a store of its
 * becomes visible. */
static void drain(struct cpu *cpu)
{
    if (has_stores(cpu))
        store_buffer_drain(store_buffer_of(cpu));
}

static bool has_due_stores(const struct cpu *cpu) { return has_stores(cpu) && store_buffer_of(cpu)->due > 0; }

static void drain_due(struct cpu *cpu)
{
    if (has_due_stores(cpu))
        store_buffer_drain_due(store_buffer_of(cpu));
}

/* Takes a pending interrupt before the access; returns whether there was one. The first access of the handler is part
 * of the step. */
static bool took_interrupts(struct cpu *cpu)
{
    if (!cpu->irq_on || lapic_deliverable(cpu) == 0)
        return false;
    drain(cpu);
    cpu->has_turn = true;
    cpu_take_interrupts(cpu);
    cpu->has_turn = false;
    return true;
}

/* Any step may look at the CPU's own interrupts and stores. */
static void step_begins(const struct cpu *cpu)
{
    footprint_begin(cpu->engine);
    footprint_read(cpu->engine, &cpu->lapic);
    if (has_stores(cpu))
        footprint_write(cpu->engine, store_buffer_of(cpu));
}

static void choice_point(struct cpu *cpu)
{
    clear_dead_frames();
    do {
        cpu_wake_at(cpu, cpu->engine->now);
        engine_park(cpu->engine);
        step_begins(cpu);
    } while (took_interrupts(cpu));
    drain_due(cpu);
}

/* A step of its own, unless there is nothing to drain: what follows may be no access, but an IPI. */
static void fence(struct cpu *cpu)
{
    if (!has_stores(cpu))
        return;
    choice_point(cpu);
    cpu->has_turn = cpu->has_lock_turn = false;
    drain(cpu);
}

/* Reduction. Nothing but a later load can tell when a fence has drained the buffer, and a load begins a step. */
static void serialise(struct cpu *cpu)
{
    struct store_buffer *buffer = store_buffer_of(cpu);

    if (buffer != NULL)
        buffer->due = buffer->count;
}

static void local_step(struct cpu *cpu)
{
    choice_point(cpu);
    cpu->has_turn = true;
}

/* Before an access, which belongs to the step in progress or begins one. */
static void access_point(struct cpu *cpu)
{
    if ((!cpu->has_turn && !cpu->has_lock_turn) || has_due_stores(cpu))
        choice_point(cpu);
    cpu->has_turn = cpu->has_lock_turn = false;
}

/* The same before an access that waits until the CPU's stores are visible. */
static void drained_point(struct cpu *cpu)
{
    if (has_stores(cpu))
        cpu->has_turn = cpu->has_lock_turn = false;
    access_point(cpu);
    drain(cpu);
}

/* The word's value as the CPU sees it. */
static uint64_t seen_by(const struct cpu *cpu, const struct word *word)
{
    const struct store_buffer *buffer = store_buffer_of(cpu);

    footprint_read(cpu->engine, &word->value);
    return buffer != NULL ? store_buffer_see(buffer, &word->value) : word->value;
}

/* Makes the slot of a CPU that waits for a value pending if it sees the value or an interrupt can be taken. */
static void waiter_update(struct cpu *cpu)
{
    bool may_go =
        seen_by(cpu, cpu->spin.word) == cpu->spin.wanted || (cpu->is_interruptible && lapic_deliverable(cpu) != 0);

    cpu_wake_at(cpu, may_go ? cpu->engine->now : CYCLES_NEVER);
}

static void word_set(struct machine *machine, struct word *word, uint64_t value)
{
    if (word->value == value) {
        footprint_read(machine->engine, &word->value);
        return;
    }
    footprint_write(machine->engine, &word->value);
    word->value = value;
    for (uint32_t id = 0; id < machine->cpu_count; id++)
        if (machine->cpus[id].spin.state == SPIN_READING && machine->cpus[id].spin.word == word)
            waiter_update(&machine->cpus[id]);
}

/* Waits until the CPU sees that the word holds `wanted` and the explorer selects it. */
static void await(struct cpu *cpu, struct word *word, uint64_t wanted)
{
    bool has_turn = cpu->has_turn;

    cpu->has_turn = cpu->has_lock_turn = false;
    if (has_turn && !has_due_stores(cpu) && seen_by(cpu, word) == wanted)
        return;
    do {
        cpu->spin.state = SPIN_READING;
        cpu->spin.word = word;
        cpu->spin.wanted = wanted;
        cpu->is_interruptible = cpu->irq_on;
        waiter_update(cpu);
        engine_park(cpu->engine);
        step_begins(cpu);
        cpu->is_interruptible = false;
        cpu->spin.state = SPIN_NONE;
        cpu->spin.word = NULL;
        cpu->spin.wanted = 0;
    } while (took_interrupts(cpu) || seen_by(cpu, word) != wanted);
    drain_due(cpu);
}

/* Stores that become visible later. */
static uint64_t buffered_store(struct cpu *cpu, struct store_buffer *buffer, struct word *word, uint64_t mask,
                               uint64_t bits)
{
    bool is_release = cpu->is_releasing && mask == UINT64_MAX;

    access_point(cpu);
    uint64_t old = seen_by(cpu, word);
    cpu->is_releasing = false;
    if (is_release)
        store_buffer_release(buffer, word, bits);
    else
        store_buffer_add(buffer, &word->value, word, mask, bits);
    return old;
}

static uint64_t visible_access(struct cpu *cpu, struct word *word, enum word_operation operation, uint64_t operand,
                               uint64_t comparand)
{
    if (operation == WORD_LOAD) {
        access_point(cpu);
        return seen_by(cpu, word);
    }
    drained_point(cpu);
    cpu->is_releasing = false;
    uint64_t old = word->value;
    word_set(cpu->machine, word, word_apply(operation, old, operand, comparand));
    return old;
}

static uint64_t access(struct cpu *cpu, struct word *word, enum word_operation operation, uint64_t operand,
                       uint64_t comparand)
{
    struct store_buffer *buffer = store_buffer_of(cpu);
    uint64_t old;

    if (buffer != NULL && (operation == WORD_STORE || operation == WORD_FIELD))
        old = buffered_store(cpu, buffer, word, operation == WORD_STORE ? UINT64_MAX : comparand, operand);
    else
        old = visible_access(cpu, word, operation, operand, comparand);
    if (notes_are_read(cpu->engine))
        note_access(cpu, word, operation, old, seen_by(cpu, word));
    cpu->step = NULL;
    clear_dead_frames();
    return old;
}

/* What no other CPU can change has the same value at every moment. */
static uint64_t load_own(struct cpu *cpu, const struct word *word) { return seen_by(cpu, word); }

static void wait(struct cpu *cpu, struct word *word, uint64_t value)
{
    await(cpu, word, value);
    if (notes_are_read(cpu->engine)) {
        notes_access(cpu->engine, cpu, &word->value, sizeof(word->value), NULL);
        notes_add(cpu->engine, cpu, "%swaited for %s = %" PRIx64, step_name(cpu), name_of(cpu, word), value);
    }
    cpu->step = NULL;
    clear_dead_frames();
}

/* A failed attempt has no effect unless it turns interrupts on: without irq_on_while_polling it is no step. */
static void acquire(struct cpu *cpu, struct word *word, uint64_t free, uint64_t taken, bool irq_on_while_polling)
{
    bool is_taken = false;

    CHECK(!cpu->irq_on);
    if (irq_on_while_polling) {
        cpu->has_lock_turn = false;
        drained_point(cpu); /* the attempt is a locked operation, whether it succeeds or not */
        cpu->has_turn = is_taken = seen_by(cpu, word) == free;
    }
    if (irq_on_while_polling && !is_taken) {
        cpu->irq_on = true;
        cpu_take_interrupts(cpu);
    }
    if (has_stores(cpu))
        cpu->has_turn = false;
    await(cpu, word, free);
    cpu->irq_on = false;
    drain(cpu);
    word_set(cpu->machine, word, taken);
    if (notes_are_read(cpu->engine))
        notes_add(cpu->engine, cpu, "%slock %s", step_name(cpu), name_of(cpu, word));
    cpu->step = NULL;
    clear_dead_frames();
}

/* No effect: lines cost nothing, and a touch has no value. */
static void touch(struct cpu *cpu, struct line *line, enum line_access access)
{
    (void)cpu;
    (void)line;
    (void)access;
}

static void register_step(struct cpu *cpu)
{
    if (!cpu->has_turn || has_stores(cpu))
        local_step(cpu);
    footprint_everything(cpu->engine);
    cpu->has_turn = false;
    drain(cpu);
}

static void access_step(struct cpu *cpu, bool drains)
{
    if (drains)
        drained_point(cpu);
    else
        access_point(cpu);
    footprint_everything(cpu->engine);
    cpu->step = NULL;
    clear_dead_frames();
}

/* --- locks --- */

/* Reduction. Take a lock that other CPUs only wait for, and neither try nor read. Its release, by a CPU with interrupts
 * off, commutes with all that other CPUs do before it, since they cannot take the lock. So the release is merged with
 * the step before it. By the same argument the acquisition is merged with the step after it, unless that step takes a
 * lock as well, which may deadlock.
 *
 * With store buffers the release is a store into the buffer, which becomes visible with the store before it, or at once
 * (store_buffer_release). The acquisition makes older stores visible before it. Each of them may also become
 * visible by itself before the step, so that what other CPUs do between one of them and the acquisition is tried, and
 * the acquisition itself commutes with what other CPUs do after it, as without buffers. */
static void lock_released(struct cpu *cpu)
{
    if (!cpu->irq_on && cpu->engine->explored->merges)
        cpu->has_turn = cpu->is_releasing = true;
}

static void lock_acquired(struct cpu *cpu)
{
    if (!cpu->irq_on && cpu->engine->explored->merges)
        cpu->has_lock_turn = true;
}

/* --- time stands still --- */

/* Spent time has no effect: the explorer may delay the CPU at its next choice point as long as it likes. */
static void settle(struct cpu *cpu) { cpu->ahead = 0; }

/* The hypervisor's timer never expires by itself: a model whose timers matter adds events for them. */
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

__attribute__((noreturn)) static void path_end(struct cpu *cpu, enum violation_kind kind, const char *text)
{
    struct explored *explored = cpu->engine->explored;

    CHECK(explored != NULL);
    explored->violation.kind = kind;
    (void)snprintf(explored->violation.text, sizeof(explored->violation.text), "cpu%" PRIu32 ": %s", cpu->id, text);
    notes_add(cpu->engine, cpu, "%s: %s", violation_name(kind), text);
    for (;;)
        engine_park(cpu->engine);
}

static void buffered_lines_init(struct machine *machine)
{
    queues_init(machine);
    store_buffers_init(machine, word_set);
}

/* The queues of lines stay empty; they exist so that slots have the same numbers under every policy. */
#define EXHAUSTIVE \
    .engine = &engine_policy_exhaustive, .is_explored = true, .access = access, .load_own = load_own, .wait = wait, \
    .acquire = acquire, .acquire_by_cas = acquire, .touch = touch, .local_step = local_step, \
    .register_step = register_step, .access_step = access_step, .lock_wanted = lock_order_record, \
    .lock_acquired = lock_acquired, .lock_released = lock_released, .settle = settle, .timer_set = timer_set, \
    .deadline = deadline, .event_at = event_at, .event_again = event_again, .event_after = event_after, \
    .vector_init = device_targets_init, .vector_start = device_targets_update, .raise = path_end, .find = path_end

const struct machine_policy policy_exhaustive = { EXHAUSTIVE, .lines_init = queues_init };

const struct machine_policy policy_exhaustive_tso = {
    EXHAUSTIVE, .lines_init = buffered_lines_init, .slots_per_cpu = 1, .fence = fence, .serialise = serialise,
};
