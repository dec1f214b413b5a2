/* SPDX-License-Identifier: Apache-2.0
 *
 * Deadlock: nothing is pending, and a CPU waits for a value. The text names the CPUs on the wait-for cycle first, lock
 * by lock, then the waiting CPUs that are not on it.
 */
#include <inttypes.h>
#include <stdio.h>

#include "machine/cpu.h"
#include "machine/explored.h"
#include "machine/names.h"
#include "properties/properties.h"

#define CPUS_MAX 256 /* more than an exploration supports */
#define NO_CPU UINT32_MAX

static bool is_waiting(const struct cpu *cpu) { return cpu->spin.state == SPIN_READING; }

/* The CPU that holds the lock this CPU waits for, or NO_CPU. */
static uint32_t holder_of(const struct machine *machine, const struct cpu *cpu)
{
    const struct word_name *name = names_find(machine->engine->explored, cpu->spin.word);

    return name == NULL || name->holder == NULL ? NO_CPU : *name->holder;
}

bool property_wait_describe(const struct machine *machine, const struct cpu *cpu, char *text, size_t text_bytes)
{
    uint32_t holder;

    if (!is_waiting(cpu))
        return false;
    const struct word_name *name = names_find(machine->engine->explored, cpu->spin.word);
    holder = holder_of(machine, cpu);
    if (holder == NO_CPU)
        (void)snprintf(text, text_bytes, "cpu%" PRIu32 " waits for %s", cpu->id, name != NULL ? name->name : "a word");
    else
        (void)snprintf(text, text_bytes, "cpu%" PRIu32 " waits for %s, which cpu%" PRIu32 " holds", cpu->id, name->name,
                       holder);
    return true;
}

/* A CPU on a wait-for cycle of locks; NO_CPU when there is none. */
static uint32_t cycle_of(const struct machine *machine)
{
    for (uint32_t first = 0; first < machine->cpu_count; first++) {
        uint32_t at = first;
        for (uint32_t steps = 0; at != NO_CPU && steps <= machine->cpu_count; steps++) {
            at = is_waiting(&machine->cpus[at]) ? holder_of(machine, &machine->cpus[at]) : NO_CPU;
            if (at == first)
                return first;
        }
    }
    return NO_CPU;
}

static void append(const struct machine *machine, uint32_t id, char *text, size_t text_bytes)
{
    char one[128];
    size_t used = 0;

    if (!property_wait_describe(machine, &machine->cpus[id], one, sizeof(one)))
        return;
    while (text[used] != '\0')
        used++;
    (void)snprintf(text + used, text_bytes - used, "%s%s", used > 0 ? "; " : "", one);
}

static bool is_broken(const struct machine *machine, char *text, size_t text_bytes)
{
    bool is_listed[CPUS_MAX] = { false };
    uint32_t first = cycle_of(machine), at = first;

    text[0] = '\0';
    while (at != NO_CPU && at < CPUS_MAX && !is_listed[at]) {
        is_listed[at] = true;
        append(machine, at, text, text_bytes);
        at = holder_of(machine, &machine->cpus[at]);
    }
    for (uint32_t id = 0; id < machine->cpu_count && id < CPUS_MAX; id++)
        if (!is_listed[id])
            append(machine, id, text, text_bytes);
    return text[0] != '\0';
}

const struct property property_deadlock = {
    .name = "deadlock",
    .kind = VIOLATION_DEADLOCK,
    .at = PROPERTY_AT_END,
    .is_broken = is_broken,
};
