/* SPDX-License-Identifier: Apache-2.0
 *
 * Describes an endless wait: a state from which no end can be reached (sim/explore/graph.c finds it). The description
 * steps the machine on until everything finite has happened; the CPUs that are then still pending poll, the others
 * wait.
 */
#include <inttypes.h>
#include <stdio.h>
#include <string.h>

#include "machine/cpu.h"
#include "machine/explored.h"
#include "machine/names.h"
#include "machine/notes.h"
#include "properties/properties.h"

/* Enough for all finite work to finish: paths are some hundreds of steps long. */
#define ROUNDS 2000

#define CPUS_MAX 16

struct last_notes {
    char text[CPUS_MAX][100];
};

/* What a loop reads says more than that it pauses. */
static bool is_pause(const char *text)
{
    size_t length = strlen(text);

    return length >= strlen(NOTE_PAUSE) && strcmp(text + length - strlen(NOTE_PAUSE), NOTE_PAUSE) == 0;
}

static void note(void *context, const struct cpu *cpu, const char *text)
{
    struct last_notes *notes = context;

    if (cpu != NULL && cpu->id < CPUS_MAX && (notes->text[cpu->id][0] == '\0' || !is_pause(text)))
        (void)snprintf(notes->text[cpu->id], sizeof(notes->text[cpu->id]), "%s", text);
}

/* Steps all pending slots in turn. */
static void step_all(struct engine *engine)
{
    for (int round = 0; round < ROUNDS; round++)
        for (uint32_t slot = 0; slot < engine->slot_count; slot++)
            if (engine_is_pending(engine, slot))
                engine_step(engine, slot);
}

static size_t describe_cpu(const struct machine *machine, const struct cpu *cpu, const struct last_notes *notes,
                           char *text, size_t text_bytes)
{
    const struct explored *explored = machine->engine->explored;
    size_t used = 0, locks = 0;

    if (property_wait_describe(machine, cpu, text, text_bytes))
        return strlen(text);
    if (!engine_is_pending(machine->engine, cpu->actor.slot))
        return 0;
    used += (size_t)snprintf(text, text_bytes, "cpu%" PRIu32 " polls", cpu->id);
    if (cpu->id < CPUS_MAX && notes->text[cpu->id][0] != '\0')
        used += (size_t)snprintf(text + used, text_bytes - used, " (%s)", notes->text[cpu->id]);
    for (size_t i = 0; i < explored->name_count && used < text_bytes; i++)
        if (explored->names[i].holder != NULL && *explored->names[i].holder == cpu->id)
            used += (size_t)snprintf(text + used, text_bytes - used, "%s%s", locks++ == 0 ? " holding " : " and ",
                                     explored->names[i].name);
    return used < text_bytes ? used : text_bytes - 1;
}

void property_endless_wait_describe(struct machine *machine, char *text, size_t text_bytes)
{
    struct explored *explored = machine->engine->explored;
    struct last_notes notes = { .text = { "" } };
    struct explored kept = *explored;
    size_t used = 0;

    explored->note = note;
    explored->context = &notes;
    step_all(machine->engine);
    explored->note = kept.note;
    explored->context = kept.context;
    used = (size_t)snprintf(text, text_bytes, "livelock: no execution from this state terminates: ");
    size_t first = used;
    for (uint32_t id = 0; id < machine->cpu_count; id++) {
        char one[200];
        size_t length = describe_cpu(machine, &machine->cpus[id], &notes, one, sizeof(one));
        if (length == 0 || used + length + 3 > text_bytes)
            continue;
        used += (size_t)snprintf(text + used, text_bytes - used, "%s%s", used > first ? "; " : "", one);
    }
}
