/* SPDX-License-Identifier: Apache-2.0
 *
 * After each step the values of all watched memory are compared with those before. Named words are watched from the
 * start, other memory from its first access on; either appears in the log once it is accessed or changes. The places in
 * the source are looked up after the last step: libdw needs a larger stack than simulated CPUs have.
 */
#define _GNU_SOURCE
#include "explore/replay_watch.h"

#include <inttypes.h>
#include <stdlib.h>
#include <string.h>

#include "base/array.h"
#include "base/check.h"
#include "base/text.h"
#include "code/code.h"
#include "code/describe.h"
#include "code/source.h"
#include "machine/lines/store_buffer.h"
#include "machine/names.h"

#define NOT_SHOWN SIZE_MAX
#define NOT_NAMED SIZE_MAX

/* Memory whose value is followed. */
struct watched {
    const volatile void *address;
    size_t bytes;
    size_t name; /* index in explored->names, or NOT_NAMED */
    uint64_t value;
    size_t word; /* index in the log, or NOT_SHOWN */
    bool is_new; /* first seen in the step in progress */
};

struct replay_watch {
    struct explore_world *world;
    struct replay_log *log;
    struct watched *rows;
    size_t row_count;
    char *start; /* a copy of the arena before the first step */
    size_t start_bytes;
    size_t *waits; /* [cpu_count]: the open wait of each pCPU, or SIZE_MAX */
};

static uint64_t read_value(const volatile void *address, size_t bytes)
{
    uint64_t value = 0;

    memcpy(&value, (const void *)address, bytes);
    return value;
}

static char *value_copy(const struct replay_watch *watch, uint64_t value)
{
    const struct code *code = watch->world->explored.code;
    char text[96];

    if (code != NULL)
        describe_value(code, value, text, sizeof(text));
    else
        (void)snprintf(text, sizeof(text), "%" PRIx64, value);
    return text_copy(text);
}

/* Words without a name are told apart by numbers, in the order of their first accesses. */
static size_t unnamed_number(const struct replay_watch *watch, const volatile void *address)
{
    size_t number = 1;

    for (size_t i = 0; i < watch->row_count && watch->rows[i].address != address; i++)
        number += watch->rows[i].name == NOT_NAMED;
    return number;
}

static char *name_copy(const struct replay_watch *watch, const struct word_name *name, const volatile void *address)
{
    const struct explored *explored = &watch->world->explored;
    char text[NAMES_TEXT_BYTES];

    if (name != NULL)
        (void)names_text(explored, name, text);
    else if (explored->describe_memory != NULL)
        explored->describe_memory(explored->code, address, text, sizeof(text));
    else
        (void)snprintf(text, sizeof(text), "a word %zu", unnamed_number(watch, address));
    return text_copy(text);
}

/* --- words --- */

static const struct word_name *name_of(const struct replay_watch *watch, const struct watched *row)
{
    return row->name != NOT_NAMED ? &watch->world->explored.names[row->name] : NULL;
}

static struct watched *row_add(struct replay_watch *watch, struct watched row)
{
    row.word = NOT_SHOWN;
    watch->rows = array_grown(watch->rows, watch->row_count, sizeof(*watch->rows));
    watch->rows[watch->row_count] = row;
    return &watch->rows[watch->row_count++];
}

static void show(struct replay_watch *watch, struct watched *row)
{
    struct replay_log *log = watch->log;

    if (row->word != NOT_SHOWN)
        return;
    log->words = array_grown(log->words, log->word_count, sizeof(*log->words));
    log->words[log->word_count] = (struct replay_word){
        .name = name_copy(watch, name_of(watch, row), row->address),
        .value = row->is_new ? NULL : value_copy(watch, row->value),
    };
    row->word = log->word_count++;
}

static struct watched *row_find(const struct replay_watch *watch, const volatile void *address, size_t bytes)
{
    for (size_t i = 0; i < watch->row_count; i++)
        if (watch->rows[i].address == address && watch->rows[i].bytes == bytes)
            return &watch->rows[i];
    return NULL;
}

/* False when it is not in the arena. */
static bool value_at_start(const struct replay_watch *watch, const volatile void *address, size_t bytes,
                           uint64_t *value)
{
    size_t offset = (size_t)((const volatile char *)address - watch->world->arena.base);

    if (offset >= watch->start_bytes || watch->start_bytes - offset < bytes)
        return false;
    *value = read_value(watch->start + offset, bytes);
    return true;
}

static bool is_lock(const struct replay_watch *watch, const struct watched *row)
{
    const struct word_name *name = name_of(watch, row);

    return name != NULL && name->holder != NULL;
}

/* A word may be named during the replay. */
static size_t name_at(const struct replay_watch *watch, const volatile void *address)
{
    const struct explored *explored = &watch->world->explored;

    for (size_t i = 0; i < explored->name_count; i++)
        if (&explored->names[i].word->value == address)
            return i;
    return NOT_NAMED;
}

static void place_add(struct replay_watch *watch, const struct cpu *cpu, const void *pc)
{
    const struct code *code = watch->world->explored.code;
    struct replay_log *log = watch->log;

    log->places = array_grown(log->places, log->place_count, sizeof(*log->places));
    log->places[log->place_count++] =
        (struct replay_place){ .step = log->step_count, .offset = describe_offset(code, pc), .cpu = cpu->id };
}

static void word_access(struct replay_watch *watch, const volatile void *address, size_t bytes)
{
    struct watched *row = row_find(watch, address, bytes);

    if (row == NULL) {
        struct watched new = { .address = address, .bytes = bytes, .name = name_at(watch, address) };
        new.is_new = !value_at_start(watch, address, bytes, &new.value);
        row = row_add(watch, new);
    }
    if (!is_lock(watch, row))
        show(watch, row);
}

void replay_watch_access(struct replay_watch *watch, const struct cpu *cpu, const volatile void *address, size_t bytes,
                         const void *pc)
{
    if (address != NULL)
        word_access(watch, address, bytes);
    if (pc != NULL && watch->world->explored.code != NULL)
        place_add(watch, cpu, pc);
}

static void rows_compare(struct replay_watch *watch)
{
    struct replay_log *log = watch->log;

    for (size_t i = 0; i < watch->row_count; i++) {
        struct watched *row = &watch->rows[i];
        uint64_t value = read_value(row->address, row->bytes);
        if (is_lock(watch, row) || (value == row->value && !row->is_new))
            continue;
        show(watch, row);
        row->value = value;
        row->is_new = false;
        log->changes = array_grown(log->changes, log->change_count, sizeof(*log->changes));
        log->changes[log->change_count++] =
            (struct replay_change){ log->step_count, row->word, value_copy(watch, value) };
    }
}

/* --- waits --- */

/* The name of the lock that the CPU waits for while another one holds it. */
static const struct word_name *wanted_lock(const struct replay_watch *watch, const struct cpu *cpu)
{
    if (cpu->spin.state != SPIN_READING)
        return NULL;
    const struct word_name *name = names_find(&watch->world->explored, cpu->spin.word);
    return name != NULL && name->holder != NULL && *name->holder != UINT32_MAX && *name->holder != cpu->id ? name
                                                                                                           : NULL;
}

static void wait_update(struct replay_watch *watch, const struct cpu *cpu)
{
    struct replay_log *log = watch->log;
    size_t *open = &watch->waits[cpu->id];
    const struct word_name *wanted = wanted_lock(watch, cpu);
    char *lock = wanted != NULL ? name_copy(watch, wanted, NULL) : NULL;

    if (*open != SIZE_MAX && (lock == NULL || strcmp(log->waits[*open].lock, lock) != 0)) {
        log->waits[*open].to = log->step_count;
        *open = SIZE_MAX;
    }
    if (lock == NULL || *open != SIZE_MAX) {
        free(lock);
        return;
    }
    *open = log->wait_count;
    log->waits = array_grown(log->waits, log->wait_count, sizeof(*log->waits));
    log->waits[log->wait_count++] = (struct replay_hold){ lock, cpu->id, log->step_count, SIZE_MAX };
}

/* --- store buffers --- */

static void stores_add(struct replay_watch *watch, const struct store_buffer *buffer)
{
    const struct explored *explored = &watch->world->explored;
    struct replay_log *log = watch->log;

    for (uint32_t i = 0; i < buffer->count; i++) {
        const struct store_entry *entry = &buffer->entries[i];
        const struct word_name *name = entry->word != NULL ? names_find(explored, entry->word) : NULL;
        unsigned first = entry->word != NULL ? 0 : (unsigned)__builtin_ctzll(entry->mask) / 8 * 8;
        uint64_t bits = entry->word != NULL ? (*entry->place & ~entry->mask) | entry->bits : entry->bits >> first;
        log->stores = array_grown(log->stores, log->store_count, sizeof(*log->stores));
        log->stores[log->store_count++] =
            (struct replay_store){ log->step_count, buffer->cpu->id,
                                   name_copy(watch, name, (const char *)entry->place + first / 8),
                                   value_copy(watch, bits) };
    }
}

/* --- the replay --- */

struct replay_watch *replay_watch_new(struct explore_world *world, struct replay_log *log)
{
    struct replay_watch *watch = calloc(1, sizeof(*watch));
    uint32_t cpus = world->machine.cpu_count;

    CHECK(watch != NULL);
    watch->world = world;
    watch->log = log;
    log->has_store_buffers = world->machine.store_buffers != NULL;
    for (size_t i = 0; i < world->explored.name_count; i++) {
        const struct word_name *name = &world->explored.names[i];
        (void)row_add(watch, (struct watched){ .address = &name->word->value,
                                               .bytes = sizeof(name->word->value),
                                               .name = i,
                                               .value = name->word->value });
    }
    watch->start_bytes = world->arena.used;
    watch->start = malloc(watch->start_bytes);
    CHECK(watch->start != NULL);
    memcpy(watch->start, world->arena.base, watch->start_bytes);
    watch->waits = malloc(cpus * sizeof(*watch->waits));
    CHECK(watch->waits != NULL);
    memset(watch->waits, 0xff, cpus * sizeof(*watch->waits));
    return watch;
}

void replay_watch_step(struct replay_watch *watch)
{
    const struct machine *machine = &watch->world->machine;

    rows_compare(watch);
    for (uint32_t id = 0; id < machine->cpu_count; id++) {
        wait_update(watch, &machine->cpus[id]);
        if (machine->store_buffers != NULL)
            stores_add(watch, store_buffer_of(&machine->cpus[id]));
    }
}

static void places_look_up(struct replay_watch *watch)
{
    const struct code *code = watch->world->explored.code;
    struct code_source *source = code != NULL ? describe_source(code->object) : NULL;
    struct replay_log *log = watch->log;
    size_t known = 0;

    for (size_t i = 0; i < log->place_count; i++) {
        struct replay_place place = log->places[i];
        struct code_place found;
        if (source == NULL || !code_source_user_place(source, place.offset, &found))
            continue;
        place.file = text_copy(found.file);
        place.function = text_copy(found.function != NULL ? found.function : "");
        place.line = found.line;
        log->places[known++] = place;
    }
    log->place_count = known;
}

void replay_watch_end(struct replay_watch *watch)
{
    struct replay_log *log = watch->log;

    places_look_up(watch);
    for (size_t i = 0; i < log->wait_count; i++)
        if (log->waits[i].to == SIZE_MAX)
            log->waits[i].to = log->step_count;
    free(watch->rows);
    free(watch->start);
    free(watch->waits);
    free(watch);
}
