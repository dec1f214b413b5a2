/* SPDX-License-Identifier: Apache-2.0
 *
 * Private to the exhaustive search: expands a range of states with all workers. Each worker takes chunks of rows from a
 * shared counter. After a barrier, new states are ranked by origin, which gives the order that a single worker would
 * have found them in.
 */
#ifndef EXPLORE_EXPAND_H
#define EXPLORE_EXPAND_H

#include "explore/search.h"
#include "explore/state.h"
#include "explore/steps.h"
#include "explore/visited.h"
#include "explore/workers.h"

/* Which steps of a state are taken; search.h says what a preemption is.
 * EXPAND_CHECKPOINT: those that found a state of limits->resumed, of rows in ascending order. */
enum expand_steps { EXPAND_ALL, EXPAND_AWAKE, EXPAND_CHECKPOINT, EXPAND_WITHOUT_PREEMPTIONS, EXPAND_PREEMPTIONS };

/* A state that a worker was the first to add in this batch. */
struct found_state {
    uint64_t origin;
    uint32_t number; /* visited.h */
    bool is_broken;
};

/* The violation with the least origin. */
struct incident {
    struct violation violation;
    uint64_t origin;
};

/* Per worker, in shared memory. */
struct share {
    uint64_t transitions, ends, suspicious;
    uint32_t found_count;
    struct incident incident;
    struct lock_order order; /* as observed by this worker */
};

/* In memory shared by all workers. */
struct common {
    _Atomic uint64_t next_row;
    /* Written by worker 0 between two barriers: all workers must see the same, whatever the first of them does next. */
    const struct incident *incident;
    uint64_t bytes; /* memory in use */
    bool is_full, is_interrupted, is_late;
    bool is_keeping; /* a checkpoint is due */
    struct share shares[WORKERS_MAX];
};

/* What the states found by one chunk of rows may add between two looks at whether there is room. */
enum { EXPAND_CHUNK_STATES = 1024, EXPAND_CHUNK_STRINGS = 8192 };

struct expand_task;
struct partition;

/* A state from which a step leads to a fresh one, whose rank is not known yet. */
struct onward_later {
    uint32_t from, number;
};

struct search {
    const struct explore_subject *subject;
    const struct explore_limits *limits;
    struct explore_outcome *outcome;
    struct explore_state state;
    struct strings pendings; /* lists of pending slots */
    struct visited visited;
    struct steps steps;
    struct sleep sleep;
    struct footprint footprint; /* of the last step executed */
    struct steps_use {
        uint64_t asked, known; /* steps that this worker looked for in the memory of steps, and found there */
    } steps_use;
    struct workers workers;
    struct common *common;
    struct found_state *found; /* VISITED_BATCH_MAX entries for each worker */
    struct expand_task *tasks; /* of this worker, as the rest is */
    uint32_t task_count;
    struct onward_later *later;
    size_t later_count, later_max;
    enum expand_steps takes;
    uint64_t expanded;     /* in a search without a bound: all steps of the states before this one were taken */
    uint64_t next_resumed; /* of limits->resumed: no step before that of this state is still to be taken */
    uint32_t jobs;
    uint64_t deadline_ns; /* of the monotonic clock; UINT64_MAX: none */
    uint64_t keep_ns;     /* the same: of the next checkpoint */
    struct partition *partition; /* NULL: a search of one process and its forks */
};

static inline struct share *own_share(struct search *search) { return &search->common->shares[search->workers.self]; }

/* `states`: how many may be visited. */
void expand_open(struct search *search, uint64_t states);
void expand_close(struct search *search);

/* Adds the live arena, the first state, and ranks it. */
void expand_first(struct search *search);

/* Called by all workers: expands the states of the ranks `first` on and ranks those found. Contains barriers. With a
 * partition, each process expands its own states among them. */
void expand_rows(struct search *search, uint64_t first, uint64_t count);

/* Forks the workers, or divides the states among processes, as soon as there are enough states. Returns in every
 * worker. */
void expand_fork(struct search *search);

/* Whether a step of this state, by `takes`, was left out that would be a preemption. */
bool expand_has_preemptions(const struct search *search, uint32_t rank);

/* The states that the steps of `takes` lead to from this one, at most EVENTQ_SLOTS_MAX. Returns their number. Only for
 * a single worker. */
uint32_t expand_successors(struct search *search, uint32_t rank, enum expand_steps takes, struct visited_state *to);

/* For a partition: counts a fresh state and enters it into `found`. Makes room for the states of another chunk of rows,
 * which a single worker may do at any time. */
void expand_found(struct search *search, uint32_t number, uint32_t memory, bool is_violated);
void expand_make_room(struct search *search);

/* Whether this worker still uses the memory of steps. */
bool expand_remembers_steps(const struct search *search);

/* Whether nothing is pending in this state. */
bool expand_is_end(const struct search *search, uint32_t rank);

#endif
