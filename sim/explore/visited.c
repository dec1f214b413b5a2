/* SPDX-License-Identifier: Apache-2.0
 *
 * Visited states in arrays by rank, which are the queue of states to expand as well, and a hash table of their ranks.
 */
#include "explore/visited.h"

#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "base/check.h"
#include "explore/hash_table.h"

/* Of sleep sets, freed at once. */
#define FORGOTTEN_BYTES_MIN ((uint64_t)1 << 16)

#define FIRST_TABLE_SIZE ((uint64_t)1 << 14)

void visited_init(struct visited *visited, uint64_t state_max)
{
    uint64_t max = state_max + VISITED_BATCH_MAX;

    *visited = (struct visited){ .state_max = max, .table_max = FIRST_TABLE_SIZE };
    CHECK(state_max <= VISITED_STATES_MAX);
    while (visited->table_max < 2 * max && visited->table_max < (uint64_t)1 << 31)
        visited->table_max *= 2;
    visited->counts = workers_map(sizeof(*visited->counts));
    visited->pairs = workers_map(max * sizeof(*visited->pairs));
    visited->lasts = workers_map(max * sizeof(*visited->lasts));
    visited->parents = workers_map(max * sizeof(*visited->parents));
    visited->slots = workers_map(max * sizeof(*visited->slots));
    visited->sleeps = workers_map(max * sizeof(*visited->sleeps));
    visited->onward = workers_map(max * sizeof(*visited->onward));
    visited->table = workers_map(visited->table_max * sizeof(*visited->table));
    visited->fresh = workers_map(VISITED_BATCH_MAX * sizeof(*visited->fresh));
    visited->counts->table_size = FIRST_TABLE_SIZE;
}

void visited_free(struct visited *visited)
{
    uint64_t max = visited->state_max;

    workers_unmap(visited->counts, sizeof(*visited->counts));
    workers_unmap(visited->pairs, max * sizeof(*visited->pairs));
    workers_unmap(visited->lasts, max * sizeof(*visited->lasts));
    workers_unmap(visited->parents, max * sizeof(*visited->parents));
    workers_unmap(visited->slots, max * sizeof(*visited->slots));
    workers_unmap(visited->sleeps, max * sizeof(*visited->sleeps));
    workers_unmap(visited->onward, max * sizeof(*visited->onward));
    workers_unmap((void *)visited->table, visited->table_max * sizeof(*visited->table));
    workers_unmap(visited->fresh, VISITED_BATCH_MAX * sizeof(*visited->fresh));
    *visited = (struct visited){ .state_max = 0 };
}

/* --- the table --- */

static uint64_t hash_of(struct visited_state state)
{
    return hash_fold(((uint64_t)state.pair.stacks << 32 | state.pair.memory) ^ 0xa0761d6478bd642fu,
                     0xe7037ed1a0b428dbu + state.last * 0x9e3779b97f4a7c15u);
}

bool visited_has_room(const struct visited *visited, uint32_t more)
{
    uint64_t fresh = atomic_load_explicit(&visited->counts->fresh, memory_order_relaxed) + (uint64_t)more;

    return fresh <= VISITED_BATCH_MAX && 16 * (visited->counts->ranks + fresh) < 15 * visited->counts->table_size;
}

/* Returns the place of an entry for this number. */
static uint64_t enter(struct visited *visited, struct visited_state state, uint32_t number)
{
    uint64_t size = visited->counts->table_size, hash = hash_of(state), at = hash & (size - 1);

    while (atomic_load_explicit(&visited->table[at], memory_order_relaxed) != 0)
        at = (at + 1) & (size - 1);
    atomic_store_explicit(&visited->table[at], hash_entry(hash, size, number + 1), memory_order_relaxed);
    return at;
}

static void enter_all(struct visited *visited, uint64_t table_size)
{
    struct visited_counts *counts = visited->counts;

    memset((void *)visited->table, 0, counts->table_size * sizeof(*visited->table));
    counts->table_size = table_size;
    for (uint64_t rank = 0; rank < counts->ranks; rank++)
        (void)enter(visited, visited_at(visited, (uint32_t)rank), (uint32_t)rank);
    for (uint32_t i = 0; i < atomic_load(&counts->fresh); i++)
        visited->fresh[i].place = (uint32_t)enter(visited, visited->fresh[i].state, (uint32_t)counts->ranks + i);
}

void visited_reserve(struct visited *visited, uint32_t more)
{
    struct visited_counts *counts = visited->counts;
    uint64_t size = counts->table_size, states = counts->ranks + atomic_load(&counts->fresh) + more;

    while (size < visited->table_max && 7 * size < 8 * states)
        size *= 2;
    if (size != counts->table_size)
        enter_all(visited, size);
}

void visited_retain(struct visited *visited, const bool *is_kept)
{
    uint64_t known = visited->counts->ranks, kept = 0;

    CHECK(atomic_load(&visited->counts->fresh) == 0);
    for (uint64_t rank = 0; rank < known; rank++) {
        if (!is_kept[rank])
            continue;
        visited->pairs[kept] = visited->pairs[rank];
        visited->lasts[kept] = visited->lasts[rank];
        visited->parents[kept] = visited->parents[rank];
        visited->slots[kept] = visited->slots[rank];
        visited->sleeps[kept] = visited->sleeps[rank];
        visited->onward[kept++] = visited->onward[rank];
    }
    memset(&visited->lasts[kept], 0, (known - kept) * sizeof(*visited->lasts));
    memset(&visited->sleeps[kept], 0, (known - kept) * sizeof(*visited->sleeps));
    visited->counts->slept = 0;
    visited->counts->ranks = kept;
    enter_all(visited, visited->counts->table_size);
}

uint64_t visited_prefetch(const struct visited *visited, struct visited_state state)
{
    uint64_t hash = hash_of(state);

    __builtin_prefetch((const void *)&visited->table[hash & (visited->counts->table_size - 1)]);
    return hash;
}

static bool is_same(struct visited_state a, struct visited_state b)
{
    return a.pair.stacks == b.pair.stacks && a.pair.memory == b.pair.memory && a.last == b.last;
}

static void arrival_offer(struct visited_fresh *fresh, uint64_t arrival)
{
    uint64_t known = atomic_load_explicit(&fresh->least, memory_order_relaxed);

    while (arrival < known && !atomic_compare_exchange_weak(&fresh->least, &known, arrival))
        ;
}

static uint32_t fresh_new(struct visited *visited, struct visited_state state, uint64_t arrival)
{
    uint32_t index = atomic_fetch_add(&visited->counts->fresh, 1);

    CHECK(index < VISITED_BATCH_MAX && visited->counts->ranks + index < visited->counts->table_size);
    visited->fresh[index].state = state;
    atomic_store_explicit(&visited->fresh[index].least, arrival, memory_order_relaxed);
    return (uint32_t)visited->counts->ranks + index;
}

/* A fresh state that another worker has added first stays unused. */
static void fresh_drop(struct visited *visited, uint32_t number)
{
    visited_fresh_of(visited, number)->rank = VISITED_NO_RANK;
}

struct visited_number visited_add(struct visited *visited, struct visited_state state, uint64_t hash, uint64_t arrival)
{
    uint64_t size = visited->counts->table_size, at = hash & (size - 1);
    uint32_t own = VISITED_NO_RANK;

    for (;; at = (at + 1) & (size - 1)) {
        uint32_t entry = atomic_load_explicit(&visited->table[at], memory_order_acquire);
        if (entry == 0) {
            if (own == VISITED_NO_RANK)
                own = fresh_new(visited, state, arrival);
            visited_fresh_of(visited, own)->place = (uint32_t)at;
            if (atomic_compare_exchange_strong(&visited->table[at], &entry, hash_entry(hash, size, own + 1)))
                return (struct visited_number){ own, true };
        }
        if (!hash_may_be(entry, hash, size))
            continue;
        uint32_t number = (entry & hash_number_mask(size)) - 1;
        if (number < visited->counts->ranks) {
            if (!is_same(visited_at(visited, number), state))
                continue;
        } else {
            if (!is_same(visited_fresh_of(visited, number)->state, state))
                continue;
            arrival_offer(visited_fresh_of(visited, number), arrival);
        }
        if (own != VISITED_NO_RANK)
            fresh_drop(visited, own);
        return (struct visited_number){ number, false };
    }
}

uint32_t visited_find(const struct visited *visited, struct visited_state state)
{
    uint64_t size = visited->counts->table_size, hash = hash_of(state);

    for (uint64_t at = hash & (size - 1);; at = (at + 1) & (size - 1)) {
        uint32_t entry = atomic_load_explicit(&visited->table[at], memory_order_relaxed);
        uint32_t rank = (entry & hash_number_mask(size)) - 1;
        if (entry == 0)
            return VISITED_NO_RANK;
        if (hash_may_be(entry, hash, size) && is_same(visited_at(visited, rank), state))
            return rank;
    }
}

/* --- ranks --- */

void visited_rank(struct visited *visited, uint32_t number, uint32_t rank)
{
    struct visited_fresh *fresh = visited_fresh_of(visited, number);
    uint64_t least = atomic_load(&fresh->least), origin = least >> SLEEP_ID_BITS, size = visited->counts->table_size;
    uint32_t sleep = (uint32_t)least & ((1u << SLEEP_ID_BITS) - 1);

    fresh->rank = rank;
    visited->pairs[rank] = fresh->state.pair;
    if (fresh->state.last != 0)
        visited->lasts[rank] = fresh->state.last;
    visited->parents[rank] = visited_origin_rank(origin);
    visited->slots[rank] = (uint16_t)visited_origin_slot(origin);
    if (sleep != STRINGS_NONE)
        visited->sleeps[rank] = sleep;
    visited->onward[rank] = VISITED_NO_RANK;
    atomic_store_explicit(&visited->table[fresh->place], hash_entry(hash_of(fresh->state), size, rank + 1),
                          memory_order_relaxed);
}

void visited_settle(struct visited *visited)
{
    struct visited_counts *counts = visited->counts;
    uint32_t fresh = atomic_load(&counts->fresh), dropped = 0;

    for (uint32_t i = 0; i < fresh; i++)
        dropped += visited->fresh[i].rank == VISITED_NO_RANK;
    counts->ranks += fresh - dropped;
    atomic_store(&counts->fresh, 0);
}

void visited_forget_sleeps(struct visited *visited, uint64_t before)
{
    uint64_t *slept = &visited->counts->slept, page = (uint64_t)sysconf(_SC_PAGESIZE);
    uint64_t bytes = before * sizeof(*visited->sleeps) / page * page;

    if (bytes < *slept + FORGOTTEN_BYTES_MIN)
        return;
    workers_discard((char *)visited->sleeps + *slept, bytes - *slept);
    *slept = bytes;
}

uint16_t *visited_path(const struct visited *visited, uint64_t origin, size_t *count)
{
    size_t length = 1;
    uint16_t *path;

    for (uint32_t rank = visited_origin_rank(origin); rank != 0; rank = visited->parents[rank])
        length++;
    path = calloc(length, sizeof(*path));
    CHECK(path != NULL);
    *count = length;
    while (length > 0) {
        path[--length] = (uint16_t)visited_origin_slot(origin);
        origin = visited_origin_of(visited, visited_origin_rank(origin));
    }
    return path;
}

uint64_t visited_bytes(const struct visited *visited)
{
    const struct visited_counts *counts = visited->counts;
    uint64_t each =
        sizeof(*visited->pairs) + sizeof(*visited->parents) + sizeof(*visited->slots) + sizeof(*visited->onward);

    return counts->ranks * each + counts->ranks * sizeof(*visited->sleeps) - counts->slept +
           counts->table_size * sizeof(*visited->table);
}
