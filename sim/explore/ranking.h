/* SPDX-License-Identifier: Apache-2.0
 *
 * Private to the exhaustive search: the states found in a batch get their ranks.
 */
#ifndef EXPLORE_RANKING_H
#define EXPLORE_RANKING_H

#include "explore/expand.h"

/* Keeps the violation with the least origin. */
void ranking_offer(struct search *search, const struct violation *violation, uint64_t origin);

/* Called by all workers: ranks the states found since the last call, and makes room for more. Returns how many of
 * `rows` rows were taken. Contains barriers. */
uint64_t ranking_settle(struct search *search, uint64_t rows);

/* Makes room in the tables for what several chunks of rows find. By worker 0 while the others wait. */
void ranking_make_room(struct search *search);

#endif
