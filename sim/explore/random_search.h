/* SPDX-License-Identifier: Apache-2.0
 *
 * Random interleavings of scenarios that are too large to explore exhaustively. All properties are checked after each
 * step, and the trace of a violation is shortened by removing steps. A search without a violation proves nothing: its
 * verdict is `incomplete`. Endless waits are not detected; a walk with one runs into the limit on its length.
 */
#ifndef EXPLORE_RANDOM_SEARCH_H
#define EXPLORE_RANDOM_SEARCH_H

#include "explore/search.h"

/* Takes the random walks numbered from limits->walks_from to limits->walks - 1, up to the first with a violation, of at
 * most explore_random_steps steps each. The outcome's figures are of the walks up to that one; its trace is shortened.
 * Each walk depends on the world, limits->seed and its number alone, so that parts taken apart give the same. */
void explore_random_search(const struct explore_subject *subject, const struct explore_limits *limits,
                           struct explore_outcome *outcome);

/* limits->depth or RANDOM_STEPS_MAX, whichever is less. */
uint64_t explore_random_steps(const struct explore_limits *limits);

#define RANDOM_STEPS_MAX 20000

#endif
