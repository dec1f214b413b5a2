/* SPDX-License-Identifier: Apache-2.0
 *
 * Inside search.h: one batch of states expanded by a crew. All workers run the same loop over the same counters: each
 * takes chunks of the batch and expands them; the states that it was the first to add are its own to keep whole. Then
 * all meet, and the new states get their ranks in the order of their origins, which is that of one worker alone.
 */
#ifndef EXPLORE_BATCH_H
#define EXPLORE_BATCH_H

#include "explore/crew.h"
#include "explore/graph.h"
#include "explore/search.h"
#include "explore/state.h"

#define BATCH_ROWS 4096
#define BATCH_STATES_MAX ((uint64_t)1 << 20)

#define BATCH_NOBODY UINT16_MAX

/* A state that a worker was the first to add in this batch. */
struct found_state {
    uint64_t origin;
    uint64_t *packed;
    uint32_t node;
    bool is_broken;
};

/* What happened first in this batch. */
struct incident {
    struct violation violation;
    uint64_t origin;
};

/* Of one worker, shared. */
struct share {
    uint64_t transitions, ends, suspicious, level_units[2];
    uint32_t found_count;
    bool is_pruned; /* by the bound on preemptions */
    struct incident incident;
    struct lock_order order; /* what this worker has seen of it */
};

/* What all see. */
struct common {
    _Atomic uint64_t next_row;
    bool is_interrupted; /* the first worker's to say, between two meetings */
    struct share shares[CREW_MAX];
};

struct search {
    const struct explore_subject *subject;
    const struct explore_limits *limits;
    struct explore_outcome *outcome;
    struct explore_state state;
    struct explore_graph graph;
    struct crew crew;
    struct common *common;
    struct found_state *found; /* [BATCH_STATES_MAX] of each worker */
    uint64_t **rows[2];        /* packed states of the level by rank, and of the next one */
    uint64_t *levels[2];       /* a part for each worker: the packed states */
    uint64_t level_units_max, row_max;
    uint32_t jobs;
    uint64_t level_first, level_end; /* ranks */
    unsigned side;                   /* of rows and levels: that of the level being expanded */
};

/* A packed state has one unit more, for the bound on preemptions. */
struct bound {
    uint32_t last, preemptions; /* the CPU that went last; how many so far */
};

static inline struct share *own_share(struct search *search) { return &search->common->shares[search->crew.self]; }

/* What has been done from the base of the search's state has led to: adds the state, asks what must not hold of it;
 * returns its node. */
uint32_t batch_arrive(struct search *search, uint64_t origin, const struct bound *bound);

/* All workers: expands so many states from that rank on, and settles. */
void batch_expand(struct search *search, uint64_t first, uint64_t count);

/* All workers: what was found gets its ranks. */
void batch_settle(struct search *search);

#endif
