/* SPDX-License-Identifier: Apache-2.0
 *
 * The states that a search has visited, in memory shared by all workers, with the step that found each. States are
 * added in batches: all workers add concurrently; between two batches, the states added are ranked. A rank is the
 * state's position in the order that a single worker would find; it does not depend on the number of workers.
 */
#ifndef EXPLORE_VISITED_H
#define EXPLORE_VISITED_H

#include <stdatomic.h>
#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "explore/sleep.h"
#include "explore/state.h"
#include "explore/workers.h"

#define VISITED_NO_RANK UINT32_MAX
#define VISITED_STATES_MAX ((uint64_t)1 << 30)
#define VISITED_BATCH_MAX ((uint32_t)1 << 20) /* states added between two rankings */

/* A state; `last`: in a search with a bound on preemptions the slot + 1 of the CPU or thread that went last, if it
 * could go on, otherwise 0. */
struct visited_state {
    struct state_pair pair;
    uint16_t last;
};

/* A step: the rank of the state that it starts from, and the slot. */
static inline uint64_t visited_origin(uint32_t rank, uint32_t slot)
{
    return (uint64_t)rank << EVENTQ_SLOT_BITS | slot;
}

/* An origin with the sleep set (sleep.h) of the state that it leads to: ordered by origin. */
static inline uint64_t visited_arrival(uint64_t origin, uint32_t sleep) { return origin << SLEEP_ID_BITS | sleep; }

static inline uint32_t visited_origin_rank(uint64_t origin) { return (uint32_t)(origin >> EVENTQ_SLOT_BITS); }

static inline uint32_t visited_origin_slot(uint64_t origin) { return (uint32_t)origin & (EVENTQ_SLOTS_MAX - 1); }

/* A state without a rank yet. */
struct visited_fresh {
    struct visited_state state;
    uint32_t place, rank;   /* in the table; rank: once it has one */
    _Atomic uint64_t least; /* visited_arrival, of all steps that lead to it */
};

/* The counters that change after the fork, in shared memory. */
struct visited_counts {
    uint64_t ranks, table_size;
    _Atomic uint32_t fresh;
    uint64_t slept; /* bytes of the sleep sets that were freed */
};

struct visited {
    struct visited_counts *counts;
    struct state_pair *pairs; /* by rank */
    uint16_t *lasts;
    uint32_t *parents; /* origin: rank, slot */
    uint16_t *slots;
    uint32_t *sleeps;        /* sets of steps that are not taken (sleep.h), of states that are not expanded yet */
    uint32_t *onward;        /* a state of a higher rank that a step leads to, VISITED_NO_RANK: none is known */
    _Atomic uint32_t *table; /* open addressing (hash_table.h): rank + 1, or number of ranks + number of fresh + 1 */
    struct visited_fresh *fresh;
    uint64_t state_max, table_max;
};

/* Room for `state_max` states. */
void visited_init(struct visited *visited, uint64_t state_max);
void visited_free(struct visited *visited);

/* Whether `more` states can be added before the next ranking; between rankings, or while there is one worker only,
 * visited_reserve makes room. */
bool visited_has_room(const struct visited *visited, uint32_t more);
void visited_reserve(struct visited *visited, uint32_t more);

static inline uint64_t visited_ranks(const struct visited *visited) { return visited->counts->ranks; }

static inline struct visited_state visited_at(const struct visited *visited, uint32_t rank)
{
    return (struct visited_state){ visited->pairs[rank], visited->lasts[rank] };
}

static inline uint64_t visited_origin_of(const struct visited *visited, uint32_t rank)
{
    return visited_origin(visited->parents[rank], visited->slots[rank]);
}

/* Loads the state's place in the table into the cache, and returns its hash. */
uint64_t visited_prefetch(const struct visited *visited, struct visited_state state);

/* What a state is in the batch in progress: its rank, or, from the number of ranks on, that of a fresh state. */
struct visited_number {
    uint32_t number;
    bool is_new;
};

/* Adds the state if it is new, and lowers a fresh state's least arrival to `arrival`. */
struct visited_number visited_add(struct visited *visited, struct visited_state state, uint64_t hash, uint64_t arrival);

/* The rank of a visited state; VISITED_NO_RANK: not visited. No fresh states may exist. */
uint32_t visited_find(const struct visited *visited, struct visited_state state);

static inline struct visited_fresh *visited_fresh_of(const struct visited *visited, uint32_t number)
{
    return &visited->fresh[number - visited->counts->ranks];
}

static inline uint64_t visited_fresh_origin(const struct visited *visited, uint32_t number)
{
    return atomic_load(&visited_fresh_of(visited, number)->least) >> SLEEP_ID_BITS;
}

/* Stores a fresh state under its rank. Several workers may do so at once for different states. */
void visited_rank(struct visited *visited, uint32_t number, uint32_t rank);

/* Frees the sleep sets of the states before this rank, which become empty. By one worker while the others wait. */
void visited_forget_sleeps(struct visited *visited, uint64_t before);

/* When all fresh states have been stored: there are none any more. Called by one worker while the others wait. */
void visited_settle(struct visited *visited);

/* Keeps only these states, in their order, under the ranks from 0 on. No fresh states may exist. `parents` and `onward`
 * stay what they are. */
void visited_retain(struct visited *visited, const bool *is_kept);

/* The path from the first state to where `origin` leads, as slots in order. The caller frees it. */
uint16_t *visited_path(const struct visited *visited, uint64_t origin, size_t *count);

/* Memory in use, in bytes. */
uint64_t visited_bytes(const struct visited *visited);

#endif
