/* SPDX-License-Identifier: Apache-2.0
 *
 * Seeded random walks. A walk depends only on the seed and its number. The workers divide the walks among themselves in
 * rounds, and the violation of the walk with the lowest number is reported, whatever the number of workers. The figures
 * are those of the walks up to that one, so that they depend neither on the workers nor on where a round begins.
 */
#include "explore/random_search.h"

#include <stdlib.h>
#include <string.h>

#include "base/check.h"
#include "base/rng.h"
#include "explore/workers.h"
#include "explore/check_properties.h"
#include "explore/state.h"

/* Walks between two barriers. */
#define ROUND_WALKS 256

/* Only the first state is stored. */
#define FIRST_STATE_STRINGS 65536

/* Limit on attempts to remove steps from a trace. */
#define SHORTENINGS_MAX 20000

/* What came of a walk. */
struct walked {
    uint32_t steps;
    bool is_end, is_broken;
};

/* In memory that the workers share. */
struct round {
    struct walked walked[ROUND_WALKS];
    bool is_interrupted; /* set by worker 0 */
};

struct random_search {
    const struct explore_subject *subject;
    const struct explore_limits *limits;
    struct explore_state state;
    struct workers workers;
    struct round *round;
    uint64_t steps_max;
    uint16_t *trace; /* of the walk in progress */
    size_t trace_count;
    struct violation violation;
};

/* Checks the state after a step. True when there is a violation, which is then in search->violation. */
static bool is_wrong(struct random_search *search)
{
    struct explored *explored = search->subject->explored;

    if (explored->violation.kind == VIOLATION_NONE) {
        uint64_t suspicious = 0; /* a search that proves nothing does not ask for weak properties */
        return explore_check_properties(search->subject, &search->violation, &suspicious);
    }
    search->violation = explored->violation;
    explored->violation.kind = VIOLATION_NONE;
    return true;
}

/* Random priorities: the pending slot with the highest priority takes the step and is given a new priority with
 * probability 1/steps_a_change. In some walks that is every step, so that all slots interleave finely; in others it is
 * one step in 2, 4, .. 32, so that one slot gets far before another runs. */
struct priorities {
    struct rng rng;
    uint64_t steps_a_change;
    uint64_t of_slot[EVENTQ_SLOTS_MAX];
};

#define STEPS_A_CHANGE_BITS 6

static void priorities_init(struct priorities *priorities, const struct random_search *search, uint64_t number)
{
    rng_init(&priorities->rng, search->limits->seed + (number >> 32), (uint32_t)number, RNG_POLICY);
    priorities->steps_a_change = (uint64_t)1 << number % STEPS_A_CHANGE_BITS;
    for (uint32_t slot = 0; slot < search->subject->engine->slot_count; slot++)
        priorities->of_slot[slot] = rng_u64(&priorities->rng);
}

static uint32_t pick(const struct engine *engine, struct priorities *priorities)
{
    uint32_t best = EVENTQ_SLOTS_MAX;

    for (uint32_t slot = 0; slot < engine->slot_count; slot++)
        if (engine_is_pending(engine, slot) &&
            (best == EVENTQ_SLOTS_MAX || priorities->of_slot[slot] > priorities->of_slot[best]))
            best = slot;
    if (rng_below(&priorities->rng, priorities->steps_a_change) == 0)
        priorities->of_slot[best] = rng_u64(&priorities->rng);
    return best;
}

/* Takes one walk, keeps its trace and restores the first state. */
static struct walked walk(struct random_search *search, uint64_t number)
{
    struct engine *engine = search->subject->engine;
    struct priorities priorities;
    struct walked walked;
    bool is_broken = false;

    priorities_init(&priorities, search, number);
    search->trace_count = 0;
    while (!is_broken && !explore_is_end(engine) && search->trace_count < search->steps_max) {
        uint32_t slot = pick(engine, &priorities);
        search->trace[search->trace_count++] = (uint16_t)slot;
        explore_state_step(&search->state, slot);
        is_broken = is_wrong(search);
    }
    walked = (struct walked){ (uint32_t)search->trace_count, explore_is_end(engine), is_broken };
    explore_state_undo(&search->state);
    return walked;
}

/* --- shortening --- */

/* Replays the trace without the `count` steps from `from` on and without steps that are then not pending. If the result
 * is shorter and still ends in a violation of that kind, it replaces the trace and the function returns true. */
static bool leave_out(struct random_search *search, size_t from, size_t count, enum violation_kind kind)
{
    uint16_t *kept = calloc(search->trace_count + 1, sizeof(*kept));
    size_t kept_count = 0;
    bool is_broken = false;

    CHECK(kept != NULL);
    for (size_t i = 0; i < search->trace_count && !is_broken; i++) {
        if ((i >= from && i < from + count) || !engine_is_pending(search->subject->engine, search->trace[i]))
            continue;
        kept[kept_count++] = search->trace[i];
        explore_state_step(&search->state, search->trace[i]);
        is_broken = is_wrong(search);
    }
    explore_state_undo(&search->state);
    is_broken = is_broken && search->violation.kind == kind && kept_count < search->trace_count;
    if (is_broken) {
        memcpy(search->trace, kept, kept_count * sizeof(*kept));
        search->trace_count = kept_count;
    }
    free(kept);
    return is_broken;
}

/* Tries to remove halves, quarters and so on down to single steps, and repeats that as long as it shortens the trace.
 */
static void shorten(struct random_search *search)
{
    enum violation_kind kind = search->violation.kind;
    uint32_t attempts = 0;
    bool has_helped = true;

    while (has_helped && attempts < SHORTENINGS_MAX) {
        has_helped = false;
        for (size_t count = search->trace_count / 2; count > 0; count /= 2)
            for (size_t from = 0; from < search->trace_count && attempts < SHORTENINGS_MAX; attempts++)
                if (leave_out(search, from, count, kind))
                    has_helped = true;
                else
                    from += count;
    }
    /* Replays the shortened trace unchanged, so that the violation's text describes this trace. */
    CHECK(!leave_out(search, search->trace_count, 0, kind) && search->violation.kind == kind);
}

/* --- rounds --- */

/* Counts the walks of a round up to the first with a violation. Returns whether there is one. */
static bool count_round(const struct random_search *search, uint64_t walks, struct explore_outcome *outcome)
{
    for (uint64_t i = 0; i < walks; i++) {
        const struct walked *walked = &search->round->walked[i];
        outcome->walks++;
        outcome->transitions += walked->steps;
        outcome->ends += walked->is_end;
        outcome->depth = walked->steps > outcome->depth ? walked->steps : outcome->depth;
        if (walked->is_broken)
            return true;
    }
    return false;
}

/* Takes the walks. Every worker counts all of them. Returns whether the last one counted has a violation. */
static bool walk_rounds(struct random_search *search, struct explore_outcome *outcome)
{
    const struct explore_limits *limits = search->limits;
    struct round *round = search->round;
    uint64_t next = limits->walks_from, count;
    bool is_broken = false;

    workers_barrier(&search->workers);
    for (; next < limits->walks && !is_broken && !round->is_interrupted; next += count) {
        count = limits->walks - next < ROUND_WALKS ? limits->walks - next : ROUND_WALKS;
        workers_barrier(&search->workers); /* all have counted the round before */
        for (uint64_t i = search->workers.self; i < count; i += search->workers.size)
            round->walked[i] = walk(search, next + i);
        if (search->workers.self == 0)
            round->is_interrupted = limits->is_interrupted != NULL && limits->is_interrupted();
        workers_barrier(&search->workers);
        is_broken = count_round(search, count, outcome);
    }
    return is_broken;
}

/* Repeats the walk with the violation, and shortens its trace. */
static void report(struct random_search *search, struct explore_outcome *outcome)
{
    CHECK(walk(search, outcome->walks_from + outcome->walks - 1).is_broken);
    shorten(search);
    outcome->verdict = EXPLORE_VIOLATION;
    outcome->limit = NULL;
    outcome->violation = search->violation;
    outcome->depth = outcome->trace_count = search->trace_count;
    outcome->trace = search->trace;
    search->trace = NULL;
}

/* Takes the walks and joins the workers. Returns whether there is a violation, in the last walk counted. */
static bool walk_all(struct random_search *search, struct explore_outcome *outcome)
{
    uint32_t jobs = explore_jobs(search->limits);
    bool is_broken;

    if (jobs > 1 && search->limits->walks - search->limits->walks_from >= ROUND_WALKS)
        workers_fork(&search->workers, jobs);
    check_context_set(&search->subject->engine->context);
    is_broken = walk_rounds(search, outcome);
    workers_join(&search->workers);
    if (search->round->is_interrupted)
        outcome->limit = EXPLORE_INTERRUPTED;
    return is_broken;
}

void explore_random_search(const struct explore_subject *subject, const struct explore_limits *limits,
                           struct explore_outcome *outcome)
{
    struct random_search search = { .subject = subject, .limits = limits };

    CHECK(limits->walks_from <= limits->walks);
    *outcome = (struct explore_outcome){
        .verdict = EXPLORE_INCOMPLETE, .limit = "random", .is_random = true, .walks_from = limits->walks_from
    };
    search.steps_max = explore_random_steps(limits);
    search.trace = calloc(search.steps_max + 1, sizeof(*search.trace));
    search.round = workers_map(sizeof(*search.round));
    CHECK(search.trace != NULL);
    workers_init(&search.workers);
    if (explore_state_init(&search.state, subject->engine, FIRST_STATE_STRINGS, FIRST_STATE_STRINGS)) {
        if (walk_all(&search, outcome))
            report(&search, outcome);
        check_context_set(NULL);
        explore_state_free(&search.state);
    } else {
        outcome->limit = "size of a state";
    }
    workers_unmap(search.round, sizeof(*search.round));
    free(search.trace);
}

uint64_t explore_random_steps(const struct explore_limits *limits)
{
    return limits->depth < RANDOM_STEPS_MAX ? limits->depth : RANDOM_STEPS_MAX;
}
