/* SPDX-License-Identifier: Apache-2.0
 *
 * Private to the exhaustive search: the steps among its states, for endless.c. With a partition, process 0 looks for
 * endless waits and asks the others for the steps from their states.
 */
#ifndef EXPLORE_ENDLESS_EDGES_H
#define EXPLORE_ENDLESS_EDGES_H

#include "explore/endless.h"

/* Calls `add` for each step within the search from these states to a rank, or to VISITED_NO_RANK; `from` is an index
 * into `ranks`. */
void endless_edges(struct search *search, const struct endless_range *range, const uint32_t *ranks, uint32_t count,
                   void (*add)(void *context, uint32_t from, uint32_t to), void *context);

/* Together: the steps onward of all ranks in the range, for process 0, which frees them; NULL: for another one. */
uint32_t *endless_gather(struct search *search, const struct endless_range *range);

/* Together: process 0 says what it has found. The others answer endless_edges until it does. Returns what it has
 * found. */
uint32_t endless_together(struct search *search, const struct endless_range *range, uint32_t first);

#endif
