/* SPDX-License-Identifier: Apache-2.0
 *
 * Private to the exhaustive search: expands one batch of states with all workers. Each worker takes chunks of the batch
 * from a shared counter and expands them; it stores the packed form of every state that it was the first to add. After
 * a barrier, new states are ranked by origin, which gives the order that a single worker would have found them in.
 */
#ifndef EXPLORE_BATCH_H
#define EXPLORE_BATCH_H

#include "explore/workers.h"
#include "explore/graph.h"
#include "explore/search.h"
#include "explore/state.h"

#define BATCH_ROWS 4096
#define BATCH_STATES_MAX ((uint64_t)1 << 20)

#define BATCH_NO_CPU UINT16_MAX

/* A state that a worker was the first to add in this batch. */
struct found_state {
    uint64_t origin;
    uint64_t *packed;
    uint32_t node;
    bool is_broken;
};

/* The violation with the least origin in this batch. */
struct incident {
    struct violation violation;
    uint64_t origin;
};

/* Per worker, in shared memory. */
struct share {
    uint64_t transitions, ends, suspicious, level_units[2];
    uint32_t found_count;
    bool is_pruned; /* a step was skipped because of the bound on preemptions */
    struct incident incident;
    struct lock_order order; /* as observed by this worker */
};

/* In memory shared by all workers. */
struct common {
    _Atomic uint64_t next_row;
    bool is_interrupted; /* written by worker 0 between two barriers */
    struct share shares[WORKERS_MAX];
};

struct search {
    const struct explore_subject *subject;
    const struct explore_limits *limits;
    struct explore_outcome *outcome;
    struct explore_state state;
    struct explore_graph graph;
    struct workers workers;
    struct common *common;
    struct found_state *found; /* BATCH_STATES_MAX entries for each worker */
    uint64_t **rows[2];        /* packed states by rank, of the current level and of the next */
    uint64_t *levels[2];       /* storage of the packed states, one part for each worker */
    uint64_t level_units_max, row_max;
    uint32_t jobs;
    uint64_t level_first, level_end; /* ranks */
    unsigned side;                   /* index into rows and levels of the level being expanded */
};

/* Precedes each packed state, in one unit: the state of the bound on preemptions. */
struct bound {
    uint32_t last, preemptions; /* the CPU that took the last step, or BATCH_NO_CPU; preemptions so far */
};

static inline struct share *own_share(struct search *search) { return &search->common->shares[search->workers.self]; }

/* Adds the state reached by the steps taken since the base, and checks its properties if it is new. Returns its node.
 */
uint32_t batch_arrive(struct search *search, uint64_t origin, const struct bound *bound);

/* Called by all workers: expands `count` states from rank `first` on, then calls batch_settle. */
void batch_expand(struct search *search, uint64_t first, uint64_t count);

/* Called by all workers: ranks the states found since the last call. Contains barriers. */
void batch_settle(struct search *search);

#endif
