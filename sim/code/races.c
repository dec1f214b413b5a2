/* SPDX-License-Identifier: Apache-2.0
 *
 * A record for each 4 bytes of the arena, updated by atomic operations, and a table of the races found, whose sites are
 * written under a lock of its own.
 */
#define _DEFAULT_SOURCE
#include "code/races.h"

#include <stdatomic.h>
#include <stdlib.h>
#include <string.h>
#include <sys/mman.h>

#include "base/check.h"
#include "code/stack.h"
#include "machine/cpu.h"
#include "machine/explored.h"

enum { GRANULE_BYTES = 4, LOCKS_MAX = 64 };

enum granule_flag {
    SEEN = 1,
    WRITTEN = 2,
    ATOMIC = 4,
    IN_INTERRUPT = 8,   /* accessed by a handler */
    INTERRUPTIBLE = 16, /* accessed outside of handlers with interrupts on */
    FOUND = 32,
    STEP = 64,
};

struct granule {
    _Atomic uint64_t unlocked; /* bitmap of the locks that were not held at some access */
    _Atomic uint32_t cpus;
    _Atomic uint16_t flags;
    _Atomic uint16_t race; /* index in the table + 1; 0: none */
};

struct races {
    size_t bytes, granule_count;
    enum race_mode mode;
    atomic_bool has_news;
    atomic_flag is_busy; /* the table is being written */
    uint32_t count;
    struct race table[RACES_MAX];
    struct granule granules[];
};

struct races *races_new(size_t arena_bytes, enum race_mode mode)
{
    size_t granules = arena_bytes / GRANULE_BYTES + 4, bytes = sizeof(struct races) + granules * sizeof(struct granule);
    struct races *races = mmap(NULL, bytes, PROT_READ | PROT_WRITE, MAP_SHARED | MAP_ANONYMOUS | MAP_NORESERVE, -1, 0);

    CHECK_SYSTEM(races != MAP_FAILED, "there is no memory to look for races of a code object in");
    races->bytes = bytes;
    races->granule_count = granules;
    races->mode = mode;
    return races;
}

void races_free(struct races *races)
{
    if (races != NULL)
        CHECK(munmap(races, races->bytes) == 0);
}

static inline size_t last_of(const struct races *races, size_t offset, size_t bytes)
{
    size_t last = (offset + bytes - 1) / GRANULE_BYTES;

    CHECK(last < races->granule_count);
    return last;
}

bool races_is_step(const struct races *races, size_t offset, size_t bytes)
{
    if (races->mode == RACES_ALL)
        return true;
    for (size_t g = offset / GRANULE_BYTES; g <= last_of(races, offset, bytes); g++)
        if (atomic_load_explicit(&races->granules[g].flags, memory_order_relaxed) & STEP)
            return true;
    return false;
}

/* --- the rule --- */

/* A bitmap of the locks this CPU holds, numbered in the order of their names; of more than 64 locks, the others count
 * as never held. */
static uint64_t locks_held(const struct cpu *cpu)
{
    const struct explored *explored = cpu->engine->explored;
    uint64_t held = 0;
    uint32_t number = 0;

    for (size_t i = 0; i < explored->name_count && number < LOCKS_MAX; i++) {
        if (explored->names[i].holder == NULL)
            continue;
        if (*explored->names[i].holder == cpu->id)
            held |= 1ull << number;
        number++;
    }
    return held;
}

static bool is_race(const struct granule *granule, unsigned flags)
{
    uint32_t cpus = atomic_load_explicit(&granule->cpus, memory_order_relaxed);

    if (!(flags & WRITTEN))
        return false;
    if ((flags & IN_INTERRUPT) && (flags & INTERRUPTIBLE))
        return true;
    return (cpus & (cpus - 1)) != 0 && atomic_load_explicit(&granule->unlocked, memory_order_relaxed) == UINT64_MAX;
}

static void table_lock(struct races *races)
{
    while (atomic_flag_test_and_set_explicit(&races->is_busy, memory_order_acquire))
        ;
}

static void table_unlock(struct races *races) { atomic_flag_clear_explicit(&races->is_busy, memory_order_release); }

static void found(struct races *races, size_t g, bool is_interrupt)
{
    struct granule *granule = &races->granules[g];

    table_lock(races);
    if (!(atomic_load(&granule->flags) & (FOUND | STEP))) {
        atomic_fetch_or(&granule->flags, FOUND);
        atomic_store(&races->has_news, true);
        if (races->count < RACES_MAX) {
            races->table[races->count] = (struct race){ .offset = g * GRANULE_BYTES, .is_interrupt = is_interrupt };
            atomic_store(&granule->race, (uint16_t)++races->count);
        }
    }
    table_unlock(races);
}

/* --- sites --- */

static int number_compare(uint32_t a, uint32_t b) { return a < b ? -1 : a > b; }

/* By place, kind of access and caller: locks are often those of the caller. */
static int site_compare(const struct race_site *a, const struct race_site *b)
{
    int order = number_compare(a->pcs[0], b->pcs[0]);

    if (order == 0)
        order = (int)a->access - (int)b->access;
    return order != 0 ? order : number_compare(a->pcs[1], b->pcs[1]);
}

/* The place of the site in the table, which stays sorted; of equal sites the least stack is kept. NULL: there is no
 * room for it. */
static void site_add(struct race *race, const struct race_site *site)
{
    uint32_t at = 0;

    while (at < race->site_count && site_compare(&race->sites[at], site) < 0)
        at++;
    if (at < race->site_count && site_compare(&race->sites[at], site) == 0) {
        struct race_site *old = &race->sites[at];
        old->cpus |= site->cpus;
        old->locks &= site->locks;
        old->some_locks |= site->some_locks;
        old->in_interrupt |= site->in_interrupt;
        old->is_irq_on |= site->is_irq_on;
        old->is_atomic &= site->is_atomic;
        if (memcmp(site->pcs, old->pcs, sizeof(old->pcs)) < 0)
            memcpy(old->pcs, site->pcs, sizeof(old->pcs));
        return;
    }
    if (at == RACE_SITES_MAX)
        return;
    if (race->site_count == RACE_SITES_MAX)
        race->site_count--;
    memmove(&race->sites[at + 1], &race->sites[at], (race->site_count - at) * sizeof(*site));
    race->sites[at] = *site;
    race->site_count++;
}

static void site_note(struct races *races, uint32_t number, const struct cpu *cpu, enum code_access access,
                      bool is_step, const void *pc, const void *frame)
{
    struct race_site site = {
        .cpus = 1u << (cpu->id % 32),
        .access = (uint8_t)access,
        .in_interrupt = cpu->interrupt_depth > 0,
        .is_irq_on = cpu->irq_on,
        .is_atomic = is_step,
        .locks = locks_held(cpu),
    };

    site.some_locks = site.locks;
    code_stack(pc, frame, site.pcs, RACE_STACK_MAX);
    table_lock(races);
    site_add(&races->table[number - 1], &site);
    table_unlock(races);
}

/* --- accesses --- */

static void granule_see(struct races *races, size_t g, const struct cpu *cpu, enum code_access access, bool is_step)
{
    struct granule *granule = &races->granules[g];
    bool in_interrupt = cpu->interrupt_depth > 0;
    unsigned flags = SEEN | (access != CODE_READ ? WRITTEN : 0) | (is_step ? ATOMIC : 0) |
                     (in_interrupt  ? IN_INTERRUPT
                      : cpu->irq_on ? INTERRUPTIBLE
                                    : 0);
    unsigned old = atomic_load_explicit(&granule->flags, memory_order_relaxed);

    if ((old | flags) != old)
        old = atomic_fetch_or(&granule->flags, (uint16_t)flags);
    atomic_fetch_or(&granule->cpus, 1u << (cpu->id % 32));
    atomic_fetch_or(&granule->unlocked, ~locks_held(cpu));
    if (is_race(granule, old | flags))
        found(races, g, !!((old | flags) & IN_INTERRUPT) && !!((old | flags) & INTERRUPTIBLE));
}

/* Clears the stack below. What `see` leaves there depends on what other paths have found so far, and may become part of
 * the explored state in unused bytes of later frames. */
__attribute__((noinline)) static void clear_dead_frames(void)
{
    char dead[640];

    memset(dead, 0, sizeof(dead));
    __asm__ volatile("" : : "r"(dead) : "memory");
}

__attribute__((noinline)) static void see(struct races *races, const struct cpu *cpu, size_t offset, size_t bytes,
                                          enum code_access access, bool is_step, const void *pc, const void *frame)
{
    for (size_t g = offset / GRANULE_BYTES; g <= last_of(races, offset, bytes); g++) {
        struct granule *granule = &races->granules[g];
        if (!(atomic_load_explicit(&granule->flags, memory_order_relaxed) & (FOUND | STEP)))
            granule_see(races, g, cpu, access, is_step);
        uint32_t number = atomic_load_explicit(&granule->race, memory_order_relaxed);
        if (number != 0)
            site_note(races, number, cpu, access, is_step, pc, frame);
    }
}

void races_see(struct races *races, const struct cpu *cpu, size_t offset, size_t bytes, enum code_access access,
               bool is_step, const void *pc, const void *frame)
{
    see(races, cpu, offset, bytes, access, is_step, pc, frame);
    clear_dead_frames();
}

void races_see_foreign(struct races *races, size_t offset, size_t bytes)
{
    for (size_t g = offset / GRANULE_BYTES; g <= last_of(races, offset, bytes); g++)
        if (!(atomic_load_explicit(&races->granules[g].flags, memory_order_relaxed) & (FOUND | STEP)))
            found(races, g, false);
}

/* --- between searches --- */

bool races_have_news(const struct races *races) { return atomic_load(&races->has_news); }

static int race_compare(const void *a, const void *b)
{
    size_t x = ((const struct race *)a)->offset, y = ((const struct race *)b)->offset;

    return x < y ? -1 : x > y;
}

void races_promote(struct races *races)
{
    qsort(races->table, races->count, sizeof(*races->table), race_compare);
    for (uint32_t i = 0; i < races->count; i++)
        atomic_store(&races->granules[races->table[i].offset / GRANULE_BYTES].race, (uint16_t)(i + 1));
    for (size_t g = 0; g < races->granule_count; g++)
        if (atomic_load_explicit(&races->granules[g].flags, memory_order_relaxed) & FOUND)
            atomic_fetch_or(&races->granules[g].flags, STEP);
    atomic_store(&races->has_news, false);
}

void races_add_step(struct races *races, size_t offset)
{
    CHECK(offset / GRANULE_BYTES < races->granule_count);
    atomic_fetch_or(&races->granules[offset / GRANULE_BYTES].flags, STEP);
}

size_t races_next_step(const struct races *races, size_t from)
{
    for (size_t g = from / GRANULE_BYTES; g < races->granule_count; g++)
        if (atomic_load_explicit(&races->granules[g].flags, memory_order_relaxed) & STEP)
            return g * GRANULE_BYTES;
    return SIZE_MAX;
}

enum race_mode races_mode(const struct races *races) { return races->mode; }

size_t races_count(const struct races *races) { return races->count; }

const struct race *races_get(const struct races *races, size_t index) { return &races->table[index]; }
