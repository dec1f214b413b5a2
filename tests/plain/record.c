/* SPDX-License-Identifier: Apache-2.0
 *
 * The hooks run on the stacks of simulated CPUs, which are small and part of the explored state: they need little of
 * them and leave nothing there.
 */
#include "plain/record.h"

#include <stdlib.h>
#include <string.h>

#include "base/check.h"
#include "explore/explore.h"
#include "machine/cpu.h"
#include "plain/names.h"
#include "plain/owned.h"
#include "plain/program.h"

enum { RECORDS = 1 << 19, LOCKS_MAX = PLAIN_LOCK_WORDS * 64, PLACE_UNWATCHED = 0, PLACE_WATCHED, PLACE_STACK };

/* The end of the stack that a hook may have used. */
#define DEAD_BYTES 512

static struct plain_record table[RECORDS];
struct plain_record *const plain_records = table;
const size_t plain_record_count = RECORDS;

static struct {
    struct explore_world *world; /* NULL: nothing is watched */
    const uint32_t *holders[LOCKS_MAX];
    const char *names[LOCKS_MAX];
    uint32_t lock_count;
    uint8_t *places; /* [arena.used] */
    uint32_t used;   /* records */
} watch;

/* --- what is watched --- */

static void places_set(const void *from, size_t bytes, uint8_t place)
{
    size_t offset = (size_t)((const char *)from - watch.world->arena.base);

    CHECK(offset + bytes <= watch.world->arena.used);
    memset(watch.places + offset, place, bytes);
}

void plain_watch(struct explore_world *world)
{
    const struct arena *arena = &world->arena;
    size_t object_count;
    const struct plain_object *objects = plain_objects(&object_count);

    memset(table, 0, sizeof(table));
    watch.world = world;
    watch.used = watch.lock_count = 0;
    watch.places = calloc(1, arena->used);
    CHECK(watch.places != NULL);
    for (size_t i = 0; i < object_count; i++)
        places_set(objects[i].start, objects[i].element_bytes * objects[i].count, PLACE_WATCHED);
    for (size_t i = 0; i < arena->excluded_count; i++)
        places_set(arena->base + arena->excluded[i].start, arena->excluded[i].bytes, PLACE_UNWATCHED);
    for (uint32_t slot = 0; slot < world->engine.slot_count; slot++)
        if (world->engine.slots[slot].actor != NULL)
            places_set(world->engine.slots[slot].actor->stack, world->engine.slots[slot].actor->stack_bytes,
                       PLACE_STACK);
    for (size_t i = 0; i < world->explored.name_count; i++) {
        if (world->explored.names[i].holder == NULL)
            continue;
        CHECK(watch.lock_count < LOCKS_MAX);
        watch.names[watch.lock_count] = world->explored.names[i].name;
        watch.holders[watch.lock_count++] = world->explored.names[i].holder;
    }
}

void plain_watch_end(void)
{
    free(watch.places);
    watch.places = NULL;
    watch.world = NULL;
}

const struct plain_object *plain_record_object(const struct plain_record *record)
{
    return plain_object_at(watch.world->arena.base + record->offset);
}

size_t plain_record_offset(const struct plain_record *record)
{
    const struct plain_object *object = plain_record_object(record);

    return (size_t)(watch.world->arena.base + record->offset - object->start) % object->element_bytes;
}

void plain_locks_print(const struct plain_locks *locks, FILE *stream)
{
    bool is_first = true;

    for (uint32_t i = 0; i < PLAIN_WORDS * 64; i++) {
        if (!(locks->bits[i / 64] >> i % 64 & 1))
            continue;
        fprintf(stream, "%s%s", is_first ? "holding " : ", ",
                i < watch.lock_count ? watch.names[i] : plain_owned_name(i / 64 - PLAIN_LOCK_WORDS));
        is_first = false;
    }
    if (is_first)
        fputs("no lock", stream);
}

/* --- a record --- */

static struct cpu *running_cpu(const struct actor *actor)
{
    struct machine *machine = &watch.world->machine;

    for (uint32_t id = 0; id < machine->cpu_count; id++)
        if (machine->cpus[id].slot == actor->slot)
            return &machine->cpus[id];
    return NULL;
}

static uint64_t held(const struct cpu *cpu, uint32_t word)
{
    uint64_t bits = 0;

    for (uint32_t i = word * 64; i < watch.lock_count && i < (word + 1) * 64; i++)
        bits |= (uint64_t)(*watch.holders[i] == cpu->id) << i % 64;
    return bits;
}

static bool is_of(const struct plain_record *record, const struct plain_record *wanted)
{
    return record->offset == wanted->offset && record->pc == wanted->pc && record->bytes == wanted->bytes &&
           record->is_write == wanted->is_write && record->in_interrupt == wanted->in_interrupt &&
           record->is_irq_on == wanted->is_irq_on && record->is_foreign == wanted->is_foreign;
}

static struct plain_record *record_of(const struct plain_record *wanted)
{
    uint32_t at = (wanted->offset * 2654435761u ^ wanted->pc * 2246822519u) % RECORDS;

    while (table[at].pc != 0 && !is_of(&table[at], wanted))
        at = (at + 1) % RECORDS;
    if (table[at].pc == 0) {
        table[at] = *wanted;
        CHECK(++watch.used < RECORDS / 2);
    }
    return &table[at];
}

/* Not inline, so that its frame is below the one that is cleared. */
__attribute__((noinline)) static void record(const struct cpu *cpu, size_t offset, size_t bytes, bool is_write,
                                             const void *pc)
{
    struct plain_record *found, wanted = {
        .offset = (uint32_t)offset,
        .pc = (uint32_t)((const char *)pc - __executable_start),
        .bytes = (uint8_t)bytes,
        .is_write = is_write,
        .in_interrupt = cpu->interrupt_depth > 0,
        .is_irq_on = cpu->irq_on,
        .is_foreign = watch.places[offset] == PLACE_STACK,
    };

    for (uint32_t i = 0; i < PLAIN_LOCK_WORDS; i++)
        wanted.always.bits[i] = held(cpu, i);
    plain_owned(watch.world, cpu, wanted.always.bits + PLAIN_LOCK_WORDS);

    found = record_of(&wanted);
    for (uint32_t i = 0; i < PLAIN_WORDS; i++)
        found->always.bits[i] &= wanted.always.bits[i];
    found->cpus |= 1u << cpu->id % 32;
    found->runners |= 1u << plain_runner(watch.world, cpu) % 32;
}

__attribute__((noinline)) static void clear_dead_frames(void)
{
    char dead[DEAD_BYTES];

    memset(dead, 0, sizeof(dead));
    __asm__ volatile("" : : "r"(dead) : "memory");
}

static void see(const void *address, size_t bytes, bool is_write, const void *pc)
{
    const struct actor *actor;
    const struct cpu *cpu;
    size_t offset;

    if (watch.world == NULL || (actor = watch.world->engine.running) == NULL)
        return;
    offset = (size_t)((const char *)address - watch.world->arena.base);
    if (offset >= watch.world->arena.used || watch.places[offset] == PLACE_UNWATCHED)
        return;
    if (watch.places[offset] == PLACE_STACK && (size_t)((const char *)address - actor->stack) < actor->stack_bytes)
        return;
    if ((cpu = running_cpu(actor)) == NULL)
        return;
    record(cpu, offset, bytes, is_write, pc);
    clear_dead_frames();
}

/* --- the compilers' hooks --- */

#define PC __builtin_return_address(0)

#define HOOK(name, bytes, is_write) \
    void plain_##name(const void *address) __asm__("__tsan_" #name); \
    void plain_##name(const void *address) { see(address, bytes, is_write, PC); }
#define HOOKS(bytes) \
    HOOK(read##bytes, bytes, false) \
    HOOK(write##bytes, bytes, true) \
    HOOK(unaligned_read##bytes, bytes, false) \
    HOOK(unaligned_write##bytes, bytes, true)
HOOKS(1)
HOOKS(2)
HOOKS(4)
HOOKS(8)
HOOKS(16)

static void see_range(const char *address, size_t bytes, bool is_write, const void *pc)
{
    for (size_t i = 0; i < bytes; i += 8)
        see(address + i, bytes - i < 8 ? bytes - i : 8, is_write, pc);
}

void plain_read_range(const void *address, size_t bytes) __asm__("__tsan_read_range");
void plain_read_range(const void *address, size_t bytes) { see_range(address, bytes, false, PC); }
void plain_write_range(const void *address, size_t bytes) __asm__("__tsan_write_range");
void plain_write_range(const void *address, size_t bytes) { see_range(address, bytes, true, PC); }

void plain_nothing(void) __asm__("__tsan_init");
void plain_nothing(void) {}
