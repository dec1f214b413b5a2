/* SPDX-License-Identifier: Apache-2.0
 *
 * Private to the exhaustive search: sleep sets (Godefroid), which leave out steps that lead only to states found
 * otherwise.
 *
 * Of two steps that commute (machine/footprint.h), only the order with the lower slot first is tried: a state found by
 * the step of a higher slot has the lower one asleep, and so have the states found from there, until a step is taken
 * that does not commute with it. A search by breadth takes sleeping steps from the way by which it found a state, the
 * first one by rank, and never wakes them. No state is missed, and none is found later or by another step: of the
 * shortest ways to a state, the first in the order of ranks contains no sleeping step, since with two steps exchanged
 * it would come earlier.
 */
#ifndef EXPLORE_SLEEP_H
#define EXPLORE_SLEEP_H

#include <stdbool.h>
#include <stdint.h>

#include "explore/strings.h"
#include "machine/footprint.h"

/* The footprint of a step that commutes with none. Other footprints are ids of strings. */
#define SLEEP_EVERYTHING STRINGS_NONE

/* Ids of sleep sets: STRINGS_NONE is the empty one. */
#define SLEEP_ID_BITS 20

struct sleep {
    const struct arena *arena; /* that all places are in */
    struct strings footprints, sets;
};

struct sleeper {
    uint32_t slot, footprint;
};

enum { SLEEPERS_MAX = 64 };

/* Of one state: the steps asleep, and those taken before the next one. A step for which there is no room is tried in
 * both orders. */
struct sleepers {
    uint32_t count;
    struct sleeper of[SLEEPERS_MAX];
};

void sleep_init(struct sleep *sleep, const struct arena *arena);
void sleep_free(struct sleep *sleep);

uint32_t sleep_footprint(struct sleep *sleep, const struct footprint *footprint);

/* Whether steps with these footprints lead to the same state in either order, and neither prevents the other. */
bool sleep_commute(const struct sleep *sleep, uint32_t a, uint32_t b);

/* The sleepers of a state with this set. */
void sleep_load(const struct sleep *sleep, uint32_t set, struct sleepers *sleepers);
bool sleep_is_asleep(const struct sleepers *sleepers, uint32_t slot);

/* The set of the state found by a step with this footprint. */
uint32_t sleep_set_after(struct sleep *sleep, const struct sleepers *sleepers, uint32_t footprint);

/* Adds a step that was taken. */
void sleep_add(struct sleepers *sleepers, struct sleeper sleeper);

/* A set as words that mean the same in another process whose arena has the same layout: at most SLEEP_WORDS_MAX. */
enum { SLEEP_WORDS_MAX = SLEEPERS_MAX * (2 + FOOTPRINT_PLACES_MAX) };
uint32_t sleep_export(const struct sleep *sleep, uint32_t set, uint64_t *words);
bool sleep_is_export(const uint64_t *words, uint64_t count);
/* Returns the set's id. CHECKs that the words are a set. */
uint32_t sleep_import(struct sleep *sleep, const uint64_t *words, uint32_t count);

/* Memory in use, in bytes. */
uint64_t sleep_bytes(const struct sleep *sleep);

#endif
