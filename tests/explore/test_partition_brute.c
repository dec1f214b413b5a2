/* SPDX-License-Identifier: Apache-2.0
 *
 * Random programs, which brute force judges elsewhere (test_brute.c): three processes find what one finds, when the
 * states are divided from the first one on.
 */
#include <stdio.h>
#include <string.h>

#include "brute_subject.h"
#include "death.h"
#include "explore/state.h"
#include "peers_fixture.h"

enum { PROGRAMS = 40, PROCESSES = 3, STATES_MAX = 4000 };

struct job {
    struct brute_program program;
    enum brute_memory memory;
    struct explore_limits limits;
    struct explore_outcome outcome; /* of one process */
};

static bool is_same(const struct explore_outcome *a, const struct explore_outcome *b)
{
    return a->verdict == b->verdict && a->violation.kind == b->violation.kind &&
           strcmp(a->violation.text, b->violation.text) == 0 && a->states == b->states &&
           a->transitions == b->transitions && a->ends == b->ends && a->depth == b->depth &&
           a->trace_count == b->trace_count &&
           (a->trace_count == 0 || memcmp(a->trace, b->trace, a->trace_count * sizeof(*a->trace)) == 0);
}

static bool search_with(struct peers *peers, void *data)
{
    const struct job *job = data;
    struct explore_limits limits = job->limits;
    struct explore_outcome outcome;

    peers->states_together = 0;
    limits.peers = peers;
    brute_search(&job->program, job->memory, &brute_reductions[1], &limits, &outcome);
    return is_same(&outcome, &job->outcome);
}

/* Returns the kind of violation. */
static enum violation_kind compare(uint64_t seed, enum brute_memory memory)
{
    struct job job = { .memory = memory, .limits = explore_default_limits };
    enum violation_kind kind;

    job.limits.states = STATES_MAX; /* the larger ones end with a bound */
    brute_generate(&job.program, seed);
    brute_search(&job.program, memory, &brute_reductions[1], &job.limits, &job.outcome);
    kind = job.outcome.violation.kind;
    peers_hub_run(PROCESSES, search_with, &job);
    explore_outcome_free(&job.outcome);
    return kind;
}

static void test_programs(void **state)
{
    enum brute_memory memory = *(const enum brute_memory *)*state;
    uint32_t found[VIOLATION_COUNT] = { 0 };

    if (!explore_state_is_supported())
        skip();
    for (uint64_t seed = 1; seed <= PROGRAMS; seed++)
        found[compare(seed, memory)]++;
    /* The programs have a mix of answers. */
    assert_true(found[VIOLATION_NONE] > 0 && found[VIOLATION_DEADLOCK] > 0 && found[VIOLATION_ENDLESS_WAIT] > 0);
}

int main(void)
{
    static enum brute_memory sc = BRUTE_SC, tso = BRUTE_TSO;
    const struct CMUnitTest tests[] = {
        cmocka_unit_test_prestate(test_programs, &sc),
        cmocka_unit_test_prestate(test_programs, &tso),
    };

    return cmocka_run_group_tests_name("explore_partition_brute", tests, NULL, NULL);
}
