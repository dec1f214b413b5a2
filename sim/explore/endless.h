/* SPDX-License-Identifier: Apache-2.0
 *
 * Private to the exhaustive search: finds the states from which no end can be reached.
 */
#ifndef EXPLORE_ENDLESS_H
#define EXPLORE_ENDLESS_H

#include "explore/expand.h"

/* The part of a search that is complete: the ranks before `end`. Of those from `bounded` on, steps that are preemptions
 * were not taken: such a state may reach an end. */
struct endless_range {
    uint64_t end, bounded;
    bool is_bounded; /* the search tells preemptions from other steps */
};

/* The first rank from which no end (a state in which nothing is pending) can be reached; VISITED_NO_RANK: none.
 * Destroys visited.onward. For a single worker. */
uint32_t endless_first(struct search *search, struct endless_range range);

#endif
