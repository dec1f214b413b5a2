/* SPDX-License-Identifier: Apache-2.0
 *
 * Random interleavings of scenarios that are too large to explore exhaustively. All properties are checked after each
 * step, and the trace of a violation is shortened by removing steps. A search without a violation proves nothing: its
 * verdict is `incomplete`. Endless waits are not detected; a walk with one runs into the limit on its length.
 */
#ifndef EXPLORE_RANDOM_SEARCH_H
#define EXPLORE_RANDOM_SEARCH_H

#include "explore/search.h"

/* Takes limits->walks random walks of at most limits->depth or RANDOM_STEPS_MAX steps each, whichever is less. */
void explore_random_search(const struct explore_subject *subject, const struct explore_limits *limits,
                           struct explore_outcome *outcome);

#define RANDOM_STEPS_MAX 20000

#endif
