/* SPDX-License-Identifier: Apache-2.0
 *
 * Breadth-first search, level by level; a search with a bound on preemptions does so for each number of preemptions.
 */
#include "explore/search.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "base/check.h"
#include "base/wall_clock.h"
#include "explore/endless.h"
#include "explore/expand.h"
#include "explore/partition.h"
#include "explore/random_search.h"
#include "explore/resume.h"
#include "explore/search_fork.h"

const struct explore_limits explore_default_limits = {
    .states = 20000000,
    .depth = EXPLORE_UNLIMITED,
    .bytes = (uint64_t)8 << 30,
    .preemptions = EXPLORE_UNLIMITED,
    .seconds = EXPLORE_UNLIMITED,
    .keep_seconds = EXPLORE_UNLIMITED,
    .jobs = 1,
};

/* Rows between two looks at limits and violations: what was found by then does not depend on the number of workers. */
#define BATCH_ROWS 4096

/* Of the strings that states consist of. */
#define STRING_WORDS_MAX ((uint64_t)1 << 36)

/* --- limits --- */

static bool is_at_limit(struct search *search)
{
    const struct explore_limits *limits = search->limits;
    struct explore_outcome *outcome = search->outcome;
    const struct common *common = search->common;
    uint64_t bytes = common->bytes, ranks = partition_ranks(search);

    if (bytes > outcome->peak_bytes)
        outcome->peak_bytes = bytes;
    if (ranks >= limits->states || ranks >= VISITED_STATES_MAX)
        outcome->limit = "states";
    else if (bytes > limits->bytes || common->is_full)
        outcome->limit = "memory";
    else if (common->is_interrupted)
        outcome->limit = EXPLORE_INTERRUPTED;
    else if (common->is_late)
        outcome->limit = "time";
    return outcome->limit != NULL;
}

/* --- levels --- */

/* Returns true when the search is over. */
static bool expand_range(struct search *search, uint64_t first, uint64_t end, enum expand_steps takes)
{
    search->takes = takes;
    for (uint64_t count; first < end; first += count) {
        count = end - first < BATCH_ROWS ? end - first : BATCH_ROWS;
        expand_rows(search, first, count);
        search->expanded = first + count;
        if (search->common->incident != NULL || is_at_limit(search))
            return true;
        if (search->common->is_keeping)
            resume_keep_now(search);
        expand_fork(search);
    }
    return false;
}

/* Expands the states of the level and all that these lead to. Returns true when the search is over. */
static bool expand_levels(struct search *search, struct resume_level level, enum expand_steps takes)
{
    for (; level.first < partition_ranks(search); level.depth++) {
        if (level.depth >= search->limits->depth) {
            search->outcome->limit = "depth";
            return true;
        }
        if (expand_range(search, level.first, level.end, takes))
            return true;
        level.first = level.end;
        level.end = partition_ranks(search);
    }
    return false;
}

/* Returns true when the search is over. */
static bool expand_unbounded(struct search *search)
{
    struct resume_level level = { 0, 0, partition_ranks(search) };

    if (search->limits->resumed != NULL) {
        level = resume_states(search);
        if (search->outcome->limit != NULL || is_at_limit(search))
            return true;
    }
    return expand_levels(search, level, EXPAND_AWAKE);
}

/* All executions with no preemption, then those with one more, and so on. */
static bool expand_bounded(struct search *search, struct endless_range *range)
{
    uint64_t layer = 0, bound = 0;

    range->is_bounded = true;
    search->outcome->is_bounded = true;
    for (;; bound++) {
        search->outcome->preemptions = bound;
        struct resume_level first = { 0, layer, partition_ranks(search) };
        if (expand_levels(search, first, EXPAND_WITHOUT_PREEMPTIONS))
            return true;
        *range = (struct endless_range){ partition_ranks(search), layer, true };
        search->outcome->has_bound = true;
        search->outcome->bound = bound;
        if (bound == search->limits->preemptions)
            break;
        search->outcome->preemptions = bound + 1;
        if (expand_range(search, layer, range->end, EXPAND_PREEMPTIONS))
            return true;
        layer = range->end;
        if (layer == partition_ranks(search)) {
            range->bounded = layer;
            search->outcome->has_bound = false;
            return false;
        }
    }
    search->outcome->limit = "preemptions";
    return false;
}

/* --- verdicts --- */

static void found(struct search *search, const struct violation *violation, uint64_t origin, bool is_first_state)
{
    struct explore_outcome *outcome = search->outcome;

    outcome->verdict = EXPLORE_VIOLATION;
    outcome->limit = NULL;
    outcome->has_bound = false;
    outcome->violation = *violation;
    if (!is_first_state && partition_is_divided(search))
        outcome->trace = partition_path(search, origin, &outcome->trace_count);
    else if (!is_first_state)
        outcome->trace = visited_path(&search->visited, origin, &outcome->trace_count);
    outcome->depth = outcome->trace_count;
}

static void find_endless_wait(struct search *search, struct endless_range range)
{
    struct violation violation = { .kind = VIOLATION_ENDLESS_WAIT };
    uint32_t rank = endless_first(search, range);
    uint64_t origin;

    if (rank == VISITED_NO_RANK)
        return;
    (void)snprintf(violation.text, sizeof(violation.text), "livelock: no execution from this state terminates");
    search->outcome->preemptions = search->outcome->bound;
    origin =
        partition_is_divided(search) ? partition_origin_of(search, rank) : visited_origin_of(&search->visited, rank);
    found(search, &violation, origin, rank == 0);
}

/* The number of steps to the farthest state. */
static uint64_t depth_of(const struct search *search)
{
    uint64_t ranks = partition_ranks(search), deepest = 0;
    uint32_t *depths = calloc(ranks + 1, sizeof(*depths));

    CHECK(depths != NULL);
    for (uint64_t rank = 1; rank < ranks; rank++) {
        depths[rank] = depths[search->visited.parents[rank]] + 1;
        deepest = depths[rank] > deepest ? depths[rank] : deepest;
    }
    free(depths);
    return deepest;
}

/* Called by worker 0 alone, after workers_join. */
static void conclude(struct search *search, struct endless_range range)
{
    const struct incident *incident = search->common->incident;
    struct explore_outcome *outcome = search->outcome;

    outcome->states = partition_ranks(search);
    outcome->transitions = outcome->ends = outcome->suspicious = 0;
    for (uint32_t worker = 0; worker < WORKERS_MAX; worker++) {
        outcome->transitions += search->common->shares[worker].transitions;
        outcome->ends += search->common->shares[worker].ends;
        outcome->suspicious += search->common->shares[worker].suspicious;
    }
    if (partition_is_divided(search))
        partition_sum(search, outcome);
    else
        outcome->depth = depth_of(search);
    if (incident != NULL) {
        found(search, &incident->violation, incident->origin, outcome->transitions == 0);
        return;
    }
    outcome->verdict = outcome->limit != NULL ? EXPLORE_INCOMPLETE : EXPLORE_CLEAN;
    if (outcome->limit == NULL || outcome->has_bound)
        find_endless_wait(search, range);
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

/* --- searches --- */

static bool is_limit(const struct explore_outcome *outcome, const char *limit)
{
    return outcome->limit != NULL && strcmp(outcome->limit, limit) == 0;
}

/* Whether the workers, and what they share with other processes, are ready. */
static bool begin(struct search *search)
{
    workers_init(&search->workers);
    if (search->partition != NULL && !partition_is_alike(search))
        search->outcome->limit = EXPLORE_NOT_ALIKE;
    return search->outcome->limit == NULL;
}

static void search_once(struct search *search, bool is_bounded, uint64_t deadline_ns)
{
    struct endless_range range = { .end = 0 };

    search->outcome->limit = NULL;
    search->deadline_ns = deadline_ns;
    search->keep_ns =
        is_bounded || search->limits->keep == NULL ? UINT64_MAX : clock_after(search->limits->keep_seconds);
    if (!begin(search))
        return;
    expand_first(search);
    if (search->common->incident == NULL) {
        if (is_bounded)
            (void)expand_bounded(search, &range);
        else if (!expand_unbounded(search))
            range.end = range.bounded = partition_ranks(search);
    }
    leave(search);
    if (is_limit(search->outcome, EXPLORE_NOT_RESUMED))
        return;
    conclude(search, range);
    if (!is_bounded && search->outcome->limit != NULL)
        resume_keep(search, true);
}

/* Whether a search with a bound on preemptions may tell more. */
static bool is_too_large(const struct explore_outcome *outcome)
{
    static const char *const limits[] = { "states", "memory", "time" };

    for (size_t i = 0; i < sizeof(limits) / sizeof(limits[0]); i++)
        if (outcome->verdict == EXPLORE_INCOMPLETE && is_limit(outcome, limits[i]))
            return true;
    return false;
}

uint32_t explore_jobs(const struct explore_limits *limits)
{
    uint32_t jobs = limits->jobs == 0 ? workers_processors() : limits->jobs;

    return jobs < WORKERS_MAX ? jobs : WORKERS_MAX;
}

/* Opens the memory of a search whose first state is the live arena, searches, and makes that the live arena again. */
static void search_with(const struct explore_subject *subject, const struct explore_limits *limits, bool is_bounded,
                        uint64_t deadline_ns, struct explore_outcome *outcome)
{
    struct search search = { .subject = subject, .limits = limits, .outcome = outcome, .jobs = explore_jobs(limits) };
    uint64_t least = !is_bounded && limits->resumed != NULL ? limits->resumed->states : 0;
    uint64_t most = limits->states > least ? limits->states : least;
    uint64_t states = most < VISITED_STATES_MAX ? most : VISITED_STATES_MAX;
    uint64_t words = limits->bytes / sizeof(uint64_t);

    *outcome = (struct explore_outcome){ .verdict = EXPLORE_INCOMPLETE, .peak_bytes = outcome->peak_bytes };
    words = words < STRING_WORDS_MAX ? words : STRING_WORDS_MAX;
    if (!explore_state_init(&search.state, subject->engine, states, words)) {
        outcome->limit = "size of a state";
        return;
    }
    expand_open(&search, states);
    check_context_set(&subject->engine->context);
    if (!is_bounded && subject->has_footprints && !limits->takes_all)
        subject->explored->footprint = &search.footprint;
    search_once(&search, is_bounded, deadline_ns);
    subject->explored->footprint = NULL;
    explore_state_restore(&search.state, search.state.first_pair);
    check_context_set(NULL);
    expand_close(&search);
    explore_state_free(&search.state);
}

static void search_in(const struct explore_subject *subject, const struct explore_limits *limits, bool is_bounded,
                      uint64_t deadline_ns, struct explore_outcome *outcome)
{
    workers_map_alone(explore_jobs(limits) == 1);
    search_with(subject, limits, is_bounded, deadline_ns, outcome);
    workers_map_alone(false);
}

static void search_exhaustively(const struct explore_subject *subject, const struct explore_limits *limits,
                                struct explore_outcome *outcome)
{
    uint64_t start_ns = clock_ns(), whole_ns = UINT64_MAX, half_ns = UINT64_MAX;

    if (limits->seconds < (UINT64_MAX - start_ns) / 1000000000u) {
        whole_ns = start_ns + limits->seconds * 1000000000u;
        half_ns = start_ns + limits->seconds * 500000000u;
    }
    *outcome = (struct explore_outcome){ .peak_bytes = 0 };
    if (limits->preemptions == EXPLORE_UNLIMITED) {
        search_in(subject, limits, false, half_ns, outcome);
        if (!is_too_large(outcome))
            return;
        explore_outcome_free(outcome);
    }
    search_in(subject, limits, true, whole_ns, outcome);
}

void explore_search(const struct explore_subject *subject, const struct explore_limits *limits,
                    struct explore_outcome *outcome)
{
    if (limits->walks > 0)
        explore_random_search(subject, limits, outcome);
    else if (limits->peers != NULL)
        search_in_fork(subject, limits, search_exhaustively, outcome);
    else
        search_exhaustively(subject, limits, outcome);
}

void explore_outcome_free(struct explore_outcome *outcome)
{
    free(outcome->trace);
    *outcome = (struct explore_outcome){ .trace_count = 0 };
}
