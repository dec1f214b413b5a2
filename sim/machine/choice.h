/* SPDX-License-Identifier: Apache-2.0
 *
 * The verbs under the exhaustive policy. Every access of a word is a choice point: the CPU parks with its slot
 * pending before it, and whoever explores decides who goes next. Time stands still, and lines cost nothing. A CPU
 * that waits for a value is pending only while the word holds it; interrupts are taken at choice points. A step is
 * everything from one choice point of a CPU to its next.
 *
 * What a modelled path calls its steps, its BUGs and its corruptions is reported through here, too.
 */
#ifndef MACHINE_CHOICE_H
#define MACHINE_CHOICE_H

#include "machine/cpu.h"
#include "machine/lock_order.h"
#include "machine/word.h"

enum violation_kind {
    VIOLATION_NONE,
    VIOLATION_LOST_INTERRUPT,
    VIOLATION_LIST_CORRUPTION,
    VIOLATION_MODELLED_BUG, /* a BUG or ASSERT of the modelled code */
    VIOLATION_NULL_DOMAIN,
    VIOLATION_USE_AFTER_FREE,
    VIOLATION_DEADLOCK,
    VIOLATION_ENDLESS_WAIT,
    VIOLATION_DOUBLE_DELIVERY,
    VIOLATION_MISDELIVERY,
    VIOLATION_STARVATION,
    VIOLATION_REFERENCE_LEAK,
    VIOLATION_LOCK_ORDER,
    VIOLATION_STATE_MISMATCH,
    VIOLATION_COUNT,
};

struct violation {
    enum violation_kind kind;
    char text[400];
};

/* What ended a timed run before its time. */
struct crash {
    struct violation violation; /* VIOLATION_NONE: nothing did */
    uint32_t cpu;
    cycles at;
};

/* A word that a trace or a verdict may have to name. */
struct explored_name {
    const struct word *word;
    const char *name;
    const uint32_t *holder; /* of a lock: CPU, UINT32_MAX when free; or NULL */
};

/* What an exploration keeps outside of the explored state. */
struct explored {
    struct violation violation;                                           /* of the step in progress */
    void (*note)(void *context, const struct cpu *cpu, const char *text); /* what a step does; NULL: nobody reads. cpu
                                                                           * NULL: a device */
    void *context;
    struct explored_name *names;
    size_t name_count;
    struct lock_order *order;          /* NULL: nobody asks */
    const struct lock_edge *forbidden; /* taking a lock this way is a violation, described by */
    const char *forbidden_text;
    bool merges; /* steps of a CPU that holds a lock with interrupts off: see choice_release */
};

void explored_free(struct explored *explored);

/* "lost-interrupt" and so on, as in the contract. */
const char *violation_name(enum violation_kind kind);

/* Names a word for traces; free of cost and effect in every other policy. */
void choice_name(struct machine *machine, const struct word *word, const char *name, const uint32_t *holder);

/* NULL: it has none. */
const struct explored_name *choice_name_of(const struct explored *explored, const struct word *word);

/* Before a lock is waited for: enters what the CPU holds into explored->order. */
void choice_lock_wanted(struct cpu *cpu, const struct word *word);

/* The name of a lock of struct lock_order, with its number where several have that name. */
void choice_lock_name(const struct explored *explored, uint32_t lock, char *text, size_t text_bytes);

/* --- for the verbs --- */

uint64_t choice_operate(struct cpu *cpu, struct word *word, enum word_operation operation, uint64_t operand,
                        uint64_t comparand);
void choice_wait(struct cpu *cpu, struct word *word, uint64_t value);
void choice_acquire(struct cpu *cpu, struct word *word, uint64_t free, uint64_t taken, bool irq_on_while_polling);

/* Reduction. Nobody can tell when, between its neighbours, a CPU with interrupts off gives back a lock that all others
 * wait for and none tries or looks at: giving it back commutes with whatever they do meanwhile, for they can't take the
 * lock. So the release belongs to the step before it, and by the same argument the acquisition to the step after it,
 * unless that takes a lock, too: there a deadlock may lie. Called before the one and after the other. */
static inline void choice_release(struct cpu *cpu)
{
    if (!cpu->irq_on && cpu->engine->explored->merges)
        cpu->has_turn = true;
}

static inline void choice_acquired(struct cpu *cpu)
{
    if (!cpu->irq_on && cpu->engine->explored->merges)
        cpu->has_lock_turn = true;
}

/* A line of the trace, when somebody reads it. */
__attribute__((format(printf, 3, 4))) void choice_note(const struct engine *engine, const struct cpu *cpu,
                                                       const char *format, ...);

/* --- for models --- */

/* The access that follows has this name in a trace; the family's README.md or header explains it:
 * word_load(step(cpu, "c1"), ...). */
static inline struct cpu *step(struct cpu *cpu, const char *name)
{
    if (__builtin_expect(cpu->is_explored, false))
        cpu->step = name;
    return cpu;
}

/* What hardware does here must not happen. No effect but on an exploration. */
void choice_violation(const struct engine *engine, enum violation_kind kind, const char *text);

/* The modelled code is broken here: the path ends. Explored only. */
_Noreturn void model_violation(struct cpu *cpu, enum violation_kind kind, const char *text);

#endif
