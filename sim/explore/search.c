/* SPDX-License-Identifier: Apache-2.0
 *
 * Breadth-first search, level by level; each level is expanded in batches.
 */
#include "explore/search.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "base/check.h"
#include "explore/batch.h"
#include "explore/random_search.h"

const struct explore_limits explore_default_limits = {
    .states = 20000000,
    .depth = EXPLORE_UNLIMITED,
    .bytes = (uint64_t)8 << 30,
    .preemptions = EXPLORE_UNLIMITED,
    .jobs = 1,
};

/* With fewer states than this, forking workers costs more than it saves. */
#define PARALLEL_STATES_MIN 3000

/* --- levels --- */

static const struct incident *first_incident(const struct search *search)
{
    const struct incident *first = NULL;

    for (uint32_t worker = 0; worker < search->workers.size; worker++) {
        const struct incident *incident = &search->common->shares[worker].incident;
        if (incident->violation.kind != VIOLATION_NONE && (first == NULL || incident->origin < first->origin))
            first = incident;
    }
    return first;
}

static uint64_t bytes_in_use(const struct search *search)
{
    uint64_t units = 0, ranks = search->graph.counts->ranks;

    for (uint32_t worker = 0; worker < search->workers.size; worker++)
        units += search->common->shares[worker].level_units[0] + search->common->shares[worker].level_units[1];
    return explore_graph_bytes(&search->graph) + (units + ranks - search->level_first) * sizeof(uint64_t);
}

static bool is_at_limit(struct search *search)
{
    const struct explore_limits *limits = search->limits;
    struct explore_outcome *outcome = search->outcome;
    uint64_t bytes = bytes_in_use(search);

    if (bytes > outcome->peak_bytes)
        outcome->peak_bytes = bytes;
    if (search->graph.counts->ranks >= limits->states || search->graph.counts->ranks >= search->row_max)
        outcome->limit = "states";
    else if (bytes > limits->bytes)
        outcome->limit = "memory";
    else if (search->common->is_interrupted)
        outcome->limit = EXPLORE_INTERRUPTED;
    return outcome->limit != NULL;
}

/* Returns true when the search is over. */
static bool expand_level(struct search *search)
{
    for (uint64_t first = search->level_first; first < search->level_end; first += BATCH_ROWS) {
        uint64_t left = search->level_end - first;
        batch_expand(search, first, left < BATCH_ROWS ? left : BATCH_ROWS);
        if (first_incident(search) != NULL || is_at_limit(search))
            return true;
        if (search->workers.size == 1 && search->jobs > 1 && search->graph.counts->ranks > PARALLEL_STATES_MIN) {
            workers_fork(&search->workers, search->jobs);
            search->jobs = 1;
        }
    }
    return false;
}

static void next_level(struct search *search)
{
    search->level_first = search->level_end;
    search->level_end = search->graph.counts->ranks;
    own_share(search)->level_units[search->side] = 0;
    search->side = !search->side;
    workers_barrier(&search->workers);
}

static void expand_all(struct search *search)
{
    struct explore_outcome *outcome = search->outcome;
    bool is_over = first_incident(search) != NULL;

    while (!is_over && search->level_first < search->level_end) {
        if (outcome->depth == search->limits->depth) {
            outcome->limit = "depth";
            return;
        }
        is_over = expand_level(search);
        next_level(search);
        if (!is_over && search->level_first < search->level_end)
            outcome->depth++;
    }
}

static void found(struct search *search, const struct violation *violation, uint64_t origin, bool is_first_state)
{
    struct explore_outcome *outcome = search->outcome;

    outcome->verdict = EXPLORE_VIOLATION;
    outcome->limit = NULL;
    outcome->violation = *violation;
    if (!is_first_state)
        outcome->trace = explore_graph_path(&search->graph, origin, &outcome->trace_count);
    outcome->depth = outcome->trace_count;
}

/* Needs a complete graph without violations: any state that cannot reach an end is an endless wait. */
static void find_endless_wait(struct search *search)
{
    struct violation violation = { .kind = VIOLATION_ENDLESS_WAIT };
    uint32_t rank = explore_graph_first_endless(&search->graph);

    if (rank == EXPLORE_NO_RANK)
        return;
    (void)snprintf(violation.text, sizeof(violation.text), "livelock: no execution from this state terminates");
    found(search, &violation, atomic_load(&search->graph.nodes[search->graph.order[rank]].origin), rank == 0);
}

/* Called by worker 0 alone, after workers_join. */
static void conclude(struct search *search, const struct incident *incident)
{
    struct explore_outcome *outcome = search->outcome;
    bool is_pruned = false;

    outcome->states = search->graph.counts->ranks;
    for (uint32_t worker = 0; worker < WORKERS_MAX; worker++) {
        outcome->transitions += search->common->shares[worker].transitions;
        outcome->ends += search->common->shares[worker].ends;
        outcome->suspicious += search->common->shares[worker].suspicious;
        is_pruned = is_pruned || search->common->shares[worker].is_pruned;
    }
    if (outcome->limit == NULL && is_pruned)
        outcome->limit = "preemptions";
    if (incident != NULL)
        found(search, &incident->violation, incident->origin, outcome->transitions == 0);
    else if (outcome->limit != NULL)
        outcome->verdict = EXPLORE_INCOMPLETE;
    else
        find_endless_wait(search);
}

/* Merges the lock orders observed by all workers into worker 0's, and ends the workers. */
static void leave(struct search *search)
{
    struct lock_order *order = search->subject->explored->order;
    uint32_t size = search->workers.size;

    if (order != NULL)
        own_share(search)->order = *order;
    workers_join(&search->workers);
    for (uint32_t worker = 1; worker < size && order != NULL; worker++)
        lock_order_merge(order, &search->common->shares[worker].order);
}

static void add_first(struct search *search)
{
    struct bound bound = { .last = BATCH_NO_CPU };

    (void)batch_arrive(search, 0, &bound);
    explore_state_undo(&search->state);
    batch_settle(search);
    next_level(search);
}

static bool memory_open(struct search *search)
{
    uint64_t states = search->limits->states < EXPLORE_NODES_MAX / 2 ? search->limits->states : EXPLORE_NODES_MAX / 2;
    uint64_t units = search->limits->bytes / sizeof(uint64_t);

    search->row_max = states + BATCH_STATES_MAX;
    search->level_units_max = (units < (uint64_t)1 << 36 ? units : (uint64_t)1 << 36) + ((uint64_t)1 << 24);
    search->common = workers_map(sizeof(*search->common));
    search->found = workers_map(search->jobs * BATCH_STATES_MAX * sizeof(*search->found));
    for (int side = 0; side < 2; side++) {
        search->rows[side] = workers_map(search->row_max * sizeof(*search->rows[side]));
        search->levels[side] = workers_map(search->jobs * search->level_units_max * sizeof(uint64_t));
    }
    return search->common && search->found && search->rows[0] && search->rows[1] && search->levels[0] &&
           search->levels[1] && workers_init(&search->workers) &&
           explore_graph_init(&search->graph, search->row_max, search->jobs);
}

static void memory_close(struct search *search, uint32_t jobs)
{
    workers_unmap(search->common, sizeof(*search->common));
    workers_unmap(search->found, jobs * BATCH_STATES_MAX * sizeof(*search->found));
    for (int side = 0; side < 2; side++) {
        workers_unmap(search->rows[side], search->row_max * sizeof(*search->rows[side]));
        workers_unmap(search->levels[side], jobs * search->level_units_max * sizeof(uint64_t));
    }
    explore_graph_free(&search->graph);
}

uint32_t explore_jobs(const struct explore_limits *limits)
{
    uint32_t jobs = limits->jobs == 0 ? workers_processors() : limits->jobs;

    return jobs < WORKERS_MAX ? jobs : WORKERS_MAX;
}

void explore_search(const struct explore_subject *subject, const struct explore_limits *limits,
                    struct explore_outcome *outcome)
{
    struct search search = { .subject = subject, .limits = limits, .outcome = outcome, .jobs = explore_jobs(limits) };
    uint32_t jobs = search.jobs;

    if (limits->walks > 0) {
        explore_random_search(subject, limits, outcome);
        return;
    }
    *outcome = (struct explore_outcome){ .verdict = EXPLORE_INCOMPLETE, .limit = "size of a state" };
    if (!explore_state_init(&search.state, subject->engine))
        return;
    outcome->limit = "address space";
    if (memory_open(&search)) {
        *outcome = (struct explore_outcome){ .verdict = EXPLORE_CLEAN };
        check_context_set(&subject->engine->context);
        add_first(&search);
        expand_all(&search);
        const struct incident *incident = first_incident(&search);
        leave(&search);
        check_context_set(NULL);
        conclude(&search, incident);
    }
    memory_close(&search, jobs);
    explore_state_free(&search.state);
}

void explore_outcome_free(struct explore_outcome *outcome)
{
    free(outcome->trace);
    *outcome = (struct explore_outcome){ .trace_count = 0 };
}
