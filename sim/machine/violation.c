/* SPDX-License-Identifier: Apache-2.0
 *
 * Names of the kinds of violations, and how a violation reaches the policy or the exploration.
 */
#include "machine/violation.h"

#include <stdarg.h>
#include <stdio.h>

#include "machine/cpu.h"
#include "machine/explored.h"
#include "machine/notes.h"

const char *violation_name(enum violation_kind kind)
{
    static const char *const names[] = {
        [VIOLATION_NONE] = "none",
        [VIOLATION_LOST_INTERRUPT] = "lost-interrupt",
        [VIOLATION_DELAYED_INTERRUPT] = "delayed-interrupt",
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

void violation_report(const struct engine *engine, enum violation_kind kind, const char *text)
{
    struct explored *explored = engine->explored;

    if (explored == NULL)
        return;
    explored->violation.kind = kind;
    (void)snprintf(explored->violation.text, sizeof(explored->violation.text), "%s", text);
    notes_add(engine, NULL, "%s: %s", violation_name(kind), text);
}

_Noreturn void violation_raise(struct cpu *cpu, enum violation_kind kind, const char *text)
{
    cpu->policy->raise(cpu, kind, text);
}

void violation_find(struct cpu *cpu, enum violation_kind kind, const char *format, ...)
{
    char text[VIOLATION_TEXT_BYTES];
    va_list arguments;

    if (cpu->policy->find == NULL)
        return;
    va_start(arguments, format);
    (void)vsnprintf(text, sizeof(text), format, arguments);
    va_end(arguments);
    cpu->policy->find(cpu, kind, text);
}
