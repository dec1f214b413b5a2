/* SPDX-License-Identifier: Apache-2.0
 *
 * Exploring a scenario: the same boot as a run's, without costs, hypervisor timers and guests' ticks; the pCPUs go
 * until they are idle or in their guests, and there the search begins, with the devices and actions pending.
 */
#ifndef EXPLORE_EXPLORE_H
#define EXPLORE_EXPLORE_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "explore/search.h"
#include "machine/topology.h"
#include "models/family/family.h"

struct scenario;

struct explore_world {
    const struct design *design;
    struct setup *setup;             /* the scenario's, with what takes time taken out */
    const struct topology *topology; /* the scenario's */
    struct arena arena;
    struct engine engine;
    struct machine machine;
    struct explored explored;
    struct lock_order order; /* of the locks, on all paths so far */
};

/* Ready for explore_search. The scenario outlives the world. False, with a message, when the build, the machine or the
 * model can't. */
bool explore_world_open(struct explore_world *world, const struct scenario *scenario, const char *design, char *message,
                        size_t message_bytes);
void explore_world_close(struct explore_world *world);

/* What explore_search explores of it. */
struct explore_subject explore_world_subject(struct explore_world *world);

/* All of it: opens the scenario's world, searches, closes it. A search that finds nothing wrong but what has no
 * consequence in it (weak properties, the order of locks) is followed by one for the shortest way there. False, with a
 * message, when the world can't be opened. */
bool explore_scenario(const struct scenario *scenario, const char *design, const struct explore_limits *limits,
                      struct explore_outcome *outcome, char *message, size_t message_bytes);

#endif
