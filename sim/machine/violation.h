/* SPDX-License-Identifier: Apache-2.0
 *
 * Violations: things that a modelled path must not do or lead to. Each has a kind and a text. The modelled code raises
 * them, hardware reports them, and properties (property.h) detect them in an explored state.
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
    VIOLATION_DELAYED_INTERRUPT,
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

/* The violation that ended a timed run early. */
struct crash {
    struct violation violation; /* VIOLATION_NONE: the run did not crash */
    uint32_t cpu;
    cycles at;
};

/* The kind's name in results, such as "lost-interrupt". */
const char *violation_name(enum violation_kind kind);

/* The modelled code cannot continue: a BUG(), a failed ASSERT, a wild pointer. Explored, the path ends with this
 * violation. A timed run ends and records the crash if struct machine has a `crash`; otherwise the program ends as
 * after a failed CHECK. */
_Noreturn void violation_raise(struct cpu *cpu, enum violation_kind kind, const char *text);

/* The modelled code continues in spite of a violation. Explored, the path ends as with violation_raise. A timed run
 * continues; the caller counts the violation. */
__attribute__((format(printf, 3, 4))) void violation_find(struct cpu *cpu, enum violation_kind kind, const char *format,
                                                          ...);

/* Hardware does something wrong. Explored, the step in progress has this violation; no effect otherwise. */
void violation_report(const struct engine *engine, enum violation_kind kind, const char *text);

#endif
