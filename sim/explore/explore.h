/* SPDX-License-Identifier: Apache-2.0
 *
 * Explores a scenario. The machine boots as for a timed run, but without costs; hypervisor timers and guest ticks
 * expire only as often as run.ticks says. The search begins when every pCPU is idle or in its guest, with the devices,
 * actions and ticks pending.
 */
#ifndef EXPLORE_EXPLORE_H
#define EXPLORE_EXPLORE_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "explore/search.h"
#include "machine/topology.h"
#include "models/family/family.h"

struct races;
struct scenario;

struct explore_world {
    const struct design *design;
    struct setup *setup;             /* a copy of the scenario's without costs and timers */
    const struct topology *topology; /* the scenario's */
    struct arena arena;
    struct engine engine;
    struct machine machine;
    struct explored explored;
    bool *store_buffer_was_full; /* shared by the processes of a search */
    struct lock_order order;     /* lock order observed on all paths so far */
};

/* Boots a world for explore_search. The scenario must outlive the world, and so must `races`, which a scenario with a
 * code object needs; NULL otherwise. False with a message when this build cannot
 * explore, the configuration is too large, or the machine does not come to rest. */
bool explore_world_open(struct explore_world *world, const struct scenario *scenario, const char *design,
                        struct races *races, char *message, size_t message_bytes);

/* Memory for the races of a scenario with a code object; NULL if it has none. Freed with races_free. */
struct races *explore_races_new(const struct scenario *scenario, bool is_every_access_a_step);
void explore_world_close(struct explore_world *world);

/* Steps the pCPUs, IPIs in flight and threads of the model, but no device and no timer, until none of them is pending.
 * False when that takes too many steps. */
bool explore_world_settle(struct explore_world *world);

/* The argument for explore_search. It refers to the world. */
struct explore_subject explore_world_subject(struct explore_world *world);

/* Opens the scenario's world, searches it and closes it. If the search is clean but a weak property or the lock order
 * is violated, a second search finds the shortest trace to that violation. With a code object (`races` not NULL) the
 * search is repeated until it finds no race that is not a step (code/races.h). False with a message when the world
 * cannot be opened. */
bool explore_scenario(const struct scenario *scenario, const char *design, const struct explore_limits *limits,
                      struct races *races, struct explore_outcome *outcome, char *message, size_t message_bytes);

#endif
