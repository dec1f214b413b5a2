/* SPDX-License-Identifier: Apache-2.0
 *
 * Deadlock: nothing is pending, and a CPU waits for a value. Names what each waits for, and who holds it.
 */
#include <inttypes.h>
#include <stdio.h>

#include "machine/choice.h"
#include "properties/properties.h"

static const struct explored_name *name_of(const struct machine *machine, const struct word *word)
{
    const struct explored *explored = machine->engine->explored;

    for (size_t i = 0; i < explored->name_count; i++)
        if (explored->names[i].word == word)
            return &explored->names[i];
    return NULL;
}

bool property_deadlock(const struct machine *machine, struct violation *violation)
{
    size_t used = 0;

    for (uint32_t id = 0; id < machine->cpu_count; id++) {
        const struct cpu *cpu = &machine->cpus[id];
        if (cpu->spin.state != SPIN_READING)
            continue;
        const struct explored_name *name = name_of(machine, cpu->spin.word);
        char *to = violation->text + used;
        size_t room = sizeof(violation->text) - used;
        int length = snprintf(to, room, "%scpu%" PRIu32 " waits for %s", used > 0 ? "; " : "", id,
                              name != NULL ? name->name : "a word");
        used += (size_t)length < room ? (size_t)length : room - 1;
        if (name == NULL || name->holder == NULL || *name->holder == UINT32_MAX)
            continue;
        room = sizeof(violation->text) - used;
        length = snprintf(violation->text + used, room, ", which cpu%" PRIu32 " holds", *name->holder);
        used += (size_t)length < room ? (size_t)length : room - 1;
    }
    if (used > 0)
        violation->kind = VIOLATION_DEADLOCK;
    return used > 0;
}
