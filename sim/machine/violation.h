/* SPDX-License-Identifier: Apache-2.0
 *
 * Violations: what a modelled path must not do or lead to, each of a kind and described by a text. The modelled code
 * raises them, hardware reports them, and properties (property.h) find them in an explored state.
 */
#ifndef MACHINE_VIOLATION_H
#define MACHINE_VIOLATION_H

#include <stdint.h>

#include "base/cycles.h"

struct cpu;
struct engine;

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

#define VIOLATION_TEXT_BYTES 400

struct violation {
    enum violation_kind kind;
    char text[VIOLATION_TEXT_BYTES];
};

/* What ended a timed run before its time. */
struct crash {
    struct violation violation; /* VIOLATION_NONE: nothing did */
    uint32_t cpu;
    cycles at;
};

/* "lost-interrupt" and so on, as in the contract. */
const char *violation_name(enum violation_kind kind);

/* The modelled code can't go on: a BUG(), a failing ASSERT, a wild pointer of its own. Explored, the path ends with
 * this violation. A timed run ends with what has been measured, if somebody asks for the crash (struct machine), or
 * else as from a failed CHECK. */
_Noreturn void violation_raise(struct cpu *cpu, enum violation_kind kind, const char *text);

/* The modelled code goes on although this should not be: explored, the path ends as with violation_raise. A timed run
 * goes on, too; the caller counts. */
__attribute__((format(printf, 3, 4))) void violation_find(struct cpu *cpu, enum violation_kind kind, const char *format,
                                                          ...);

/* Hardware does what it must not. Explored, the step in progress has this violation; no effect otherwise. */
void violation_report(const struct engine *engine, enum violation_kind kind, const char *text);

#endif
