/* SPDX-License-Identifier: Apache-2.0
 *
 * For what is too large to be explored: random interleavings, one after the other. All properties are asked after each
 * step. What is found is shortened by leaving out steps. Nothing found proves nothing: the verdict is `incomplete`. An
 * endless wait is not found, only that a walk does not end.
 */
#ifndef EXPLORE_RANDOM_SEARCH_H
#define EXPLORE_RANDOM_SEARCH_H

#include "explore/search.h"

/* limits->walks of them; each is given up after limits->depth steps, or RANDOM_STEPS_MAX. */
void explore_random_search(const struct explore_subject *subject, const struct explore_limits *limits,
                           struct explore_outcome *outcome);

#define RANDOM_STEPS_MAX 20000

#endif
