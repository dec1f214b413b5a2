/* SPDX-License-Identifier: Apache-2.0
 *
 * Choice points of the exhaustive policy.
 */
#include "machine/choice.h"

#include <inttypes.h>
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "machine/line.h"

/* As deep as a step may go below a verb, the parking itself and a frame or two of the model left out. */
#define DEAD_FRAMES_BYTES 1024

static const char *const operation_names[] = {
    [WORD_LOAD] = "load", [WORD_STORE] = "store",     [WORD_XCHG] = "xchg",          [WORD_CAS] = "cas",
    [WORD_ADD] = "add",   [WORD_OR] = "test-and-set", [WORD_AND] = "test-and-clear", [WORD_FIELD] = "store in",
};

const char *violation_name(enum violation_kind kind)
{
    static const char *const names[] = {
        [VIOLATION_NONE] = "none",
        [VIOLATION_LOST_INTERRUPT] = "lost-interrupt",
        [VIOLATION_LIST_CORRUPTION] = "list-corruption",
        [VIOLATION_MODELLED_BUG] = "modelled-bug",
        [VIOLATION_NULL_DOMAIN] = "null-domain",
        [VIOLATION_USE_AFTER_FREE] = "use-after-free",
        [VIOLATION_DEADLOCK] = "deadlock",
        [VIOLATION_ENDLESS_WAIT] = "endless-wait",
        [VIOLATION_DOUBLE_DELIVERY] = "double-delivery",
        [VIOLATION_MISDELIVERY] = "misdelivery",
        [VIOLATION_STARVATION] = "starvation",
        [VIOLATION_REFERENCE_LEAK] = "reference-leak",
        [VIOLATION_LOCK_ORDER] = "lock-order",
        [VIOLATION_STATE_MISMATCH] = "state-mismatch",
    };

    return names[kind];
}

/* --- names and notes --- */

void explored_free(struct explored *explored)
{
    free(explored->names);
    *explored = (struct explored){ .name_count = 0 };
}

void choice_name(struct machine *machine, const struct word *word, const char *name, const uint32_t *holder)
{
    struct explored *explored = machine->engine->explored;

    if (explored == NULL)
        return;
    explored->names = realloc(explored->names, (explored->name_count + 1) * sizeof(*explored->names));
    CHECK(explored->names != NULL);
    explored->names[explored->name_count++] = (struct explored_name){ word, name, holder };
}

const struct explored_name *choice_name_of(const struct explored *explored, const struct word *word)
{
    for (size_t i = 0; i < explored->name_count; i++)
        if (explored->names[i].word == word)
            return &explored->names[i];
    return NULL;
}

void choice_note(const struct engine *engine, const struct cpu *cpu, const char *format, ...)
{
    const struct explored *explored = engine->explored;
    char text[160];
    va_list arguments;

    if (explored == NULL || explored->note == NULL)
        return;
    va_start(arguments, format);
    (void)vsnprintf(text, sizeof(text), format, arguments);
    va_end(arguments);
    explored->note(explored->context, cpu, text);
}

static bool is_noted(const struct cpu *cpu) { return cpu->engine->explored && cpu->engine->explored->note; }

static const char *word_name(const struct cpu *cpu, const struct word *word)
{
    const struct explored_name *found = choice_name_of(cpu->engine->explored, word);

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
    const char *name = word_name(cpu, word), *verb = operation_names[operation];

    if (operation == WORD_LOAD)
        choice_note(cpu->engine, cpu, "%s%s %s = %" PRIx64, step_name(cpu), verb, name, old);
    else
        choice_note(cpu->engine, cpu, "%s%s %s: %" PRIx64 " -> %" PRIx64, step_name(cpu), verb, name, old, word->value);
}

/* --- the order of locks --- */

/* Locks in the order of their names: bits of what this CPU holds, and the number of the one that it wants. */
static bool locks_of(const struct cpu *cpu, const struct word *word, uint64_t *held, uint32_t *wanted)
{
    const struct explored *explored = cpu->engine->explored;
    uint32_t lock = 0;
    bool has_any = false;

    *wanted = LOCK_ORDER_LOCKS;
    for (size_t i = 0; i < explored->name_count && lock < LOCK_ORDER_LOCKS; i++) {
        const struct explored_name *name = &explored->names[i];
        if (name->holder == NULL)
            continue;
        if (name->word == word)
            *wanted = lock;
        if (*name->holder == cpu->id) {
            held[lock / 64] |= (uint64_t)1 << lock % 64;
            has_any = true;
        }
        lock++;
    }
    return has_any;
}

void choice_lock_wanted(struct cpu *cpu, const struct word *word)
{
    struct explored *explored = cpu->engine->explored;
    uint64_t held[LOCK_ORDER_LOCKS / 64] = { 0 };
    uint32_t wanted;

    if (explored->order == NULL || !locks_of(cpu, word, held, &wanted))
        return;
    explored->order->is_truncated |= wanted == LOCK_ORDER_LOCKS;
    for (uint32_t lock = 0; lock < LOCK_ORDER_LOCKS && wanted < LOCK_ORDER_LOCKS; lock++) {
        uint64_t bit = (uint64_t)1 << lock % 64;
        struct lock_edge edge;
        if (!(held[lock / 64] & bit))
            continue;
        memset(&edge, 0, sizeof(edge));
        edge.from = (uint8_t)lock;
        edge.to = (uint8_t)wanted;
        memcpy(edge.held, held, sizeof(held));
        edge.held[lock / 64] &= ~bit;
        lock_order_add(explored->order, &edge);
        if (explored->forbidden != NULL && lock_edge_is_equal(explored->forbidden, &edge))
            model_violation(cpu, VIOLATION_LOCK_ORDER, explored->forbidden_text);
    }
}

void choice_lock_name(const struct explored *explored, uint32_t lock, char *text, size_t text_bytes)
{
    const struct explored_name *found = NULL;
    uint32_t number = 0, of_the_name = 0;

    for (size_t i = 0; i < explored->name_count && found == NULL; i++)
        if (explored->names[i].holder != NULL && number++ == lock)
            found = &explored->names[i];
    CHECK(found != NULL);
    number = 0;
    for (size_t i = 0; i < explored->name_count; i++) {
        if (strcmp(explored->names[i].name, found->name) != 0)
            continue;
        number += &explored->names[i] < found;
        of_the_name++;
    }
    if (of_the_name == 1)
        (void)snprintf(text, text_bytes, "%s", found->name);
    else
        (void)snprintf(text, text_bytes, "%s %" PRIu32, found->name, number);
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

void choice_local(struct cpu *cpu)
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

uint64_t choice_operate(struct cpu *cpu, struct word *word, enum word_operation operation, uint64_t operand,
                        uint64_t comparand)
{
    if (!cpu->has_turn && !cpu->has_lock_turn)
        point(cpu);
    cpu->has_turn = cpu->has_lock_turn = false;
    uint64_t old = word->value;
    if (operation != WORD_LOAD)
        word_set(cpu->machine, word, word_apply(operation, old, operand, comparand));
    if (is_noted(cpu))
        note_access(cpu, word, operation, old);
    cpu->step = NULL;
    forget_dead_frames();
    return old;
}

void choice_wait(struct cpu *cpu, struct word *word, uint64_t value)
{
    await(cpu, word, value);
    if (is_noted(cpu))
        choice_note(cpu->engine, cpu, "%swaited for %s = %" PRIx64, step_name(cpu), word_name(cpu, word), value);
    cpu->step = NULL;
    forget_dead_frames();
}

/* A failed attempt has no effect but on the interrupt flag: without polling with interrupts on it is no step. */
void choice_acquire(struct cpu *cpu, struct word *word, uint64_t free, uint64_t taken, bool irq_on_while_polling)
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
    if (is_noted(cpu))
        choice_note(cpu->engine, cpu, "%slock %s", step_name(cpu), word_name(cpu, word));
    cpu->step = NULL;
    forget_dead_frames();
}

/* --- violations --- */

void choice_violation(const struct engine *engine, enum violation_kind kind, const char *text)
{
    struct explored *explored = engine->explored;

    if (explored == NULL)
        return;
    explored->violation.kind = kind;
    (void)snprintf(explored->violation.text, sizeof(explored->violation.text), "%s", text);
    choice_note(engine, NULL, "%s: %s", violation_name(kind), text);
}

_Noreturn void model_violation(struct cpu *cpu, enum violation_kind kind, const char *text)
{
    struct explored *explored = cpu->engine->explored;

    CHECK(explored != NULL);
    explored->violation.kind = kind;
    (void)snprintf(explored->violation.text, sizeof(explored->violation.text), "cpu%" PRIu32 ": %s", cpu->id, text);
    choice_note(cpu->engine, cpu, "%s: %s", violation_name(kind), text);
    for (;;)
        engine_park(cpu->engine);
}
