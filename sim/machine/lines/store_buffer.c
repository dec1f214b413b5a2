/* SPDX-License-Identifier: Apache-2.0
 *
 * Store buffers: first in, first out, with forwarding to the loads of their own CPU.
 */
#include "machine/lines/store_buffer.h"

#include <inttypes.h>
#include <stdio.h>
#include <string.h>

#include "machine/cpu.h"
#include "machine/explored.h"
#include "machine/footprint.h"
#include "machine/lines/word.h"
#include "machine/names.h"
#include "machine/notes.h"

struct store_buffers {
    void (*word_set)(struct machine *machine, struct word *word, uint64_t value);
    struct store_buffer of_cpus[];
};

/* Names what the entry stores to, and returns the value there: of a code object only the part that the entry changes.
 */
static uint64_t entry_describe(const struct explored *explored, const struct store_entry *entry, char *text,
                               size_t text_bytes)
{
    const struct word_name *found = entry->word != NULL ? names_find(explored, entry->word) : NULL;
    int first = __builtin_ctzll(entry->mask) / 8; /* byte */

    if (entry->word == NULL && explored->describe_memory != NULL) {
        explored->describe_memory(explored->code, (const char *)entry->place + first, text, text_bytes);
        return (*entry->place & entry->mask) >> first * 8;
    }
    (void)snprintf(text, text_bytes, "%s", found != NULL ? found->name : "a word");
    return *entry->place;
}

static void note_visible(const struct store_buffer *buffer, const struct store_entry *entry)
{
    const struct engine *engine = buffer->cpu->engine;
    char text[80];

    if (!notes_are_read(engine))
        return;
    uint64_t value = entry_describe(engine->explored, entry, text, sizeof(text));
    notes_add(engine, NULL, "store buffer of cpu%" PRIu32 ": %s = %" PRIx64 " is visible", buffer->cpu->id, text,
              value);
}

static void entry_apply(const struct store_buffer *buffer, const struct store_entry *entry)
{
    struct machine *machine = buffer->cpu->machine;
    uint64_t value = (*entry->place & ~entry->mask) | entry->bits;

    if (entry->word != NULL)
        machine->store_buffers->word_set(machine, entry->word, value);
    else {
        footprint_everything(machine->engine);
        *entry->place = value;
    }
    note_visible(buffer, entry);
}

/* The entry leaves the buffer before it is applied: a CPU that waits looks at both. Not inlined: of a caller that
 * parks, nothing may take the address of the frame (explore/code_liveness.h). */
__attribute__((noinline)) static void oldest_drain(struct store_buffer *buffer)
{
    struct store_entry oldest = buffer->entries[0];

    buffer->count--;
    buffer->due -= buffer->due > 0;
    memmove(&buffer->entries[0], &buffer->entries[1], buffer->count * sizeof(buffer->entries[0]));
    buffer->entries[buffer->count] = (struct store_entry){ .place = NULL }; /* states are compared bytewise */
    entry_apply(buffer, &oldest);
}

static void slot_update(const struct store_buffer *buffer)
{
    struct engine *engine = buffer->cpu->engine;

    footprint_write(engine, buffer);
    engine_at(engine, buffer->slot, buffer->count > 0 ? engine->now : CYCLES_NEVER);
}

static void drain_fire(void *argument)
{
    struct store_buffer *buffer = argument;

    footprint_begin(buffer->cpu->engine);
    do
        oldest_drain(buffer);
    while (buffer->count > 0 && buffer->entries[0].is_release);
    slot_update(buffer);
}

void store_buffers_init(struct machine *machine,
                        void (*word_set)(struct machine *machine, struct word *word, uint64_t value))
{
    size_t bytes = sizeof(struct store_buffers) + machine->cpu_count * sizeof(struct store_buffer);

    machine->store_buffers = arena_alloc(machine->arena, bytes, _Alignof(struct store_buffers));
    machine->store_buffers->word_set = word_set;
    for (uint32_t id = 0; id < machine->cpu_count; id++) {
        struct store_buffer *buffer = &machine->store_buffers->of_cpus[id];
        buffer->cpu = &machine->cpus[id];
        buffer->slot = engine_event(machine->engine, drain_fire, buffer);
    }
}

struct store_buffer *store_buffer_of(const struct cpu *cpu)
{
    return cpu->machine->store_buffers == NULL ? NULL : &cpu->machine->store_buffers->of_cpus[cpu->id];
}

bool store_buffers_have_slot(const struct machine *machine, uint32_t slot)
{
    const struct store_buffers *buffers = machine->store_buffers;

    return buffers != NULL && slot >= buffers->of_cpus[0].slot && slot - buffers->of_cpus[0].slot < machine->cpu_count;
}

bool store_buffers_are_empty(const struct machine *machine)
{
    for (uint32_t id = 0; machine->store_buffers != NULL && id < machine->cpu_count; id++)
        if (machine->store_buffers->of_cpus[id].count > 0)
            return false;
    return true;
}

bool store_buffer_is_full(const struct store_buffer *buffer) { return buffer->count == STORE_BUFFER_ENTRIES; }

void store_buffer_add(struct store_buffer *buffer, uint64_t *place, struct word *word, uint64_t mask, uint64_t bits)
{
    struct explored *explored = buffer->cpu->engine->explored;

    CHECK((bits & ~mask) == 0);
    if (store_buffer_is_full(buffer)) {
        if (explored != NULL && explored->store_buffer_was_full != NULL)
            *explored->store_buffer_was_full = true;
        oldest_drain(buffer);
    }
    buffer->entries[buffer->count++] = (struct store_entry){ place, word, mask, bits, false };
    slot_update(buffer);
}

void store_buffer_release(struct store_buffer *buffer, struct word *word, uint64_t value)
{
    struct machine *machine = buffer->cpu->machine;

    if (buffer->count == 0) {
        machine->store_buffers->word_set(machine, word, value);
        return;
    }
    store_buffer_add(buffer, &word->value, word, UINT64_MAX, value);
    buffer->entries[buffer->count - 1].is_release = true;
}

uint64_t store_buffer_see(const struct store_buffer *buffer, const uint64_t *place)
{
    uint64_t value = *place;

    for (uint32_t i = 0; i < buffer->count; i++)
        if (buffer->entries[i].place == place)
            value = (value & ~buffer->entries[i].mask) | buffer->entries[i].bits;
    return value;
}

void store_buffer_drain(struct store_buffer *buffer)
{
    while (buffer->count > 0)
        oldest_drain(buffer);
    slot_update(buffer);
}

void store_buffer_drain_due(struct store_buffer *buffer)
{
    while (buffer->due > 0)
        oldest_drain(buffer);
    slot_update(buffer);
}
