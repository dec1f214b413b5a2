/* SPDX-License-Identifier: Apache-2.0
 *
 * Private to the exhaustive search: searches in a fork. States hold addresses of this process, which have to be the
 * same in all processes of a partitioned search. What such a search allocates differs from one process to the next, and
 * would leave them with different heaps for whatever they do afterwards; a fork takes its heap with it when it ends.
 */
#ifndef EXPLORE_SEARCH_FORK_H
#define EXPLORE_SEARCH_FORK_H

#include "explore/search.h"

/* Calls `search` in a fork, which hands over the outcome and the order of locks. Ends this process as the fork has
 * ended when that is not as it should be. */
void search_in_fork(const struct explore_subject *subject, const struct explore_limits *limits,
                    void (*search)(const struct explore_subject *subject, const struct explore_limits *limits,
                                   struct explore_outcome *outcome),
                    struct explore_outcome *outcome);

#endif
