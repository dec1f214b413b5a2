/* SPDX-License-Identifier: Apache-2.0
 *
 * Seeded random walks. A walk depends only on the seed and its number. The workers divide the walks among themselves in
 * rounds, and the violation of the walk with the lowest number is reported, whatever the number of workers.
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

/* Per worker, in shared memory. */
struct tally {
    uint64_t steps, ends, depth, suspicious;
    uint64_t first_broken; /* number of the first walk with a violation; UINT64_MAX: none */
    bool is_interrupted;   /* only worker 0's is used, by all workers */
};

struct random_search {
    const struct explore_subject *subject;
    const struct explore_limits *limits;
    struct explore_state state;
    struct workers workers;
    struct tally *tallies; /* [WORKERS_MAX] */
    uint64_t steps_max;
    uint16_t *trace; /* of the walk in progress */
    size_t trace_count;
    struct violation violation;
};

static struct tally *own_tally(struct random_search *search) { return &search->tallies[search->workers.self]; }

/* Checks the state after a step. True when there is a violation, which is then in search->violation. */
static bool is_wrong(struct random_search *search)
{
    struct explored *explored = search->subject->explored;

    if (explored->violation.kind == VIOLATION_NONE)
        return explore_check_properties(search->subject, &search->violation, &own_tally(search)->suspicious);
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

/* Takes one walk, keeps its trace and restores the first state. True when it found a violation. */
static bool walk(struct random_search *search, uint64_t number)
{
    struct engine *engine = search->subject->engine;
    struct priorities priorities;
    bool is_broken = false;

    priorities_init(&priorities, search, number);
    search->trace_count = 0;
    while (!is_broken && !explore_is_end(engine) && search->trace_count < search->steps_max) {
        uint32_t slot = pick(engine, &priorities);
        search->trace[search->trace_count++] = (uint16_t)slot;
        explore_state_step(&search->state, slot);
        is_broken = is_wrong(search);
    }
    own_tally(search)->ends += explore_is_end(engine);
    own_tally(search)->steps += search->trace_count;
    if (search->trace_count > own_tally(search)->depth)
        own_tally(search)->depth = search->trace_count;
    explore_state_undo(&search->state);
    return is_broken;
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

static uint64_t first_broken(const struct random_search *search)
{
    uint64_t first = UINT64_MAX;

    for (uint32_t worker = 0; worker < search->workers.size; worker++)
        if (search->tallies[worker].first_broken < first)
            first = search->tallies[worker].first_broken;
    return first;
}

/* Returns the number of walks taken by all workers together. */
static uint64_t walk_rounds(struct random_search *search)
{
    uint64_t done = 0;

    own_tally(search)->first_broken = UINT64_MAX;
    workers_barrier(&search->workers);
    while (done < search->limits->walks && first_broken(search) == UINT64_MAX && !search->tallies[0].is_interrupted) {
        uint64_t end = done + ROUND_WALKS < search->limits->walks ? done + ROUND_WALKS : search->limits->walks;
        workers_barrier(&search->workers);
        for (uint64_t number = done + search->workers.self; number < end; number += search->workers.size)
            if (walk(search, number) && number < own_tally(search)->first_broken)
                own_tally(search)->first_broken = number;
        if (search->workers.self == 0)
            search->tallies[0].is_interrupted =
                search->limits->is_interrupted != NULL && search->limits->is_interrupted();
        workers_barrier(&search->workers);
        done = end;
    }
    return done;
}

static void report(struct random_search *search, struct explore_outcome *outcome)
{
    uint64_t broken = first_broken(search);

    for (uint32_t worker = 0; worker < WORKERS_MAX; worker++) {
        const struct tally *tally = &search->tallies[worker];
        outcome->transitions += tally->steps;
        outcome->ends += tally->ends;
        outcome->depth = tally->depth > outcome->depth ? tally->depth : outcome->depth;
    }
    if (broken == UINT64_MAX)
        return;
    CHECK(walk(search, broken));
    shorten(search);
    outcome->verdict = EXPLORE_VIOLATION;
    outcome->limit = NULL;
    outcome->violation = search->violation;
    outcome->depth = outcome->trace_count = search->trace_count;
    outcome->trace = search->trace;
    search->trace = NULL;
}

void explore_random_search(const struct explore_subject *subject, const struct explore_limits *limits,
                           struct explore_outcome *outcome)
{
    struct random_search search = { .subject = subject, .limits = limits };
    uint32_t jobs = explore_jobs(limits);

    *outcome = (struct explore_outcome){ .verdict = EXPLORE_INCOMPLETE, .limit = "random" };
    search.steps_max = limits->depth < RANDOM_STEPS_MAX ? limits->depth : RANDOM_STEPS_MAX;
    search.trace = calloc(search.steps_max + 1, sizeof(*search.trace));
    search.tallies = workers_map(WORKERS_MAX * sizeof(*search.tallies));
    CHECK(search.trace != NULL && search.tallies != NULL && workers_init(&search.workers));
    if (explore_state_init(&search.state, subject->engine, FIRST_STATE_STRINGS, FIRST_STATE_STRINGS)) {
        if (jobs > 1 && limits->walks >= ROUND_WALKS)
            workers_fork(&search.workers, jobs);
        check_context_set(&subject->engine->context);
        outcome->walks = walk_rounds(&search);
        if (search.tallies[0].is_interrupted)
            outcome->limit = EXPLORE_INTERRUPTED;
        uint32_t size = search.workers.size;
        workers_join(&search.workers);
        search.workers.size = size; /* report reads the tallies of all workers */
        report(&search, outcome);
        check_context_set(NULL);
        explore_state_free(&search.state);
    } else {
        outcome->limit = "size of a state";
    }
    workers_unmap(search.tallies, WORKERS_MAX * sizeof(*search.tallies));
    free(search.trace);
}
