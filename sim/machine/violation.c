/* SPDX-License-Identifier: Apache-2.0
 *
 * Kinds of violations by name, and raising them.
 */
#include "machine/violation.h"

#include <inttypes.h>
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

/* The clock comes to where this CPU is; another one may crash on the way. */
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
    bool is_told = kind == VIOLATION_MODELLED_BUG; /* by the text: "BUG_ON(...)" */
    char message[VIOLATION_TEXT_BYTES];

    (void)snprintf(message, sizeof(message), "%s%s%s", is_told ? "" : violation_name(kind), is_told ? "" : ": ", text);
    check_failed("the modelled hypervisor crashes on CPU", (int)cpu->id, message);
}

_Noreturn void violation_raise(struct cpu *cpu, enum violation_kind kind, const char *text)
{
    if (cpu->is_explored)
        path_end(cpu, kind, text);
    if (cpu->machine->crash == NULL)
        run_fail(cpu, kind, text);
    run_end(cpu, kind, text);
}

void violation_find(struct cpu *cpu, enum violation_kind kind, const char *format, ...)
{
    char text[VIOLATION_TEXT_BYTES];
    va_list arguments;

    if (!cpu->is_explored)
        return;
    va_start(arguments, format);
    (void)vsnprintf(text, sizeof(text), format, arguments);
    va_end(arguments);
    path_end(cpu, kind, text);
}
