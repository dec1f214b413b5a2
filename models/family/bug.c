/* SPDX-License-Identifier: Apache-2.0
 *
 * A BUG() or a failing ASSERT of the modelled hypervisor: the machine has crashed. In an exploration the crash is a
 * violation; the beginning of the text gives its kind ("null-domain: ..."), and the kind is modelled-bug when it does
 * not. A timed run ends with the measurements so far if its machine collects crashes (machine->crash), and as from a
 * failed CHECK otherwise.
 */
#include <stdio.h>
#include <string.h>

#include "machine/choice.h"
#include "models/family/family.h"

static enum violation_kind kind_of(const char *text, size_t *prefix_bytes)
{
    for (enum violation_kind kind = 1; kind < VIOLATION_COUNT; kind++) {
        size_t bytes = strlen(violation_name(kind));
        if (strncmp(text, violation_name(kind), bytes) == 0 && strncmp(text + bytes, ": ", 2) == 0) {
            *prefix_bytes = bytes + 2;
            return kind;
        }
    }
    *prefix_bytes = 0;
    return VIOLATION_MODELLED_BUG;
}

/* Lets the engine's clock catch up with this CPU first; another CPU may crash in that time, and the first crash counts.
 */
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

_Noreturn void model_bug(struct cpu *cpu, const char *text)
{
    size_t prefix_bytes;
    enum violation_kind kind = kind_of(text, &prefix_bytes);

    if (cpu->is_explored)
        model_violation(cpu, kind, text + prefix_bytes);
    if (cpu->machine == NULL || cpu->machine->crash == NULL)
        check_failed("the modelled hypervisor crashes on CPU", (int)cpu->id, text);
    run_end(cpu, kind, text + prefix_bytes);
}
