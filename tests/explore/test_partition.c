/* SPDX-License-Identifier: Apache-2.0
 *
 * A search by several processes finds what a search by one finds: verdict, numbers, trace and order of locks, wherever
 * the states are divided and whatever ends the search.
 */
#include "explore/partition.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "base/diag.h"
#include "death.h"
#include "explore/explore.h"
#include "explore_fixture.h"
#include "peers_fixture.h"
#include "scenario/scenario.h"

#define ALL EXPLORE_UNLIMITED

/* As long as there are few states, most steps lead to lines that have never changed before, so that the processes
 * number their columns differently. */
static const struct subject {
    const char *scenario, *design, *set;
    uint64_t states, depth, preemptions; /* limits */
    uint64_t together;                   /* states found before they are divided */
} subjects[] = {
    { "explore-steady", "softirq-masked", NULL, ALL, ALL, ALL, 1000 },
    { "explore-steady", "softirq-masked", NULL, ALL, ALL, ALL, 2 },
    { "explore-steady", "softirq-requeue", NULL, ALL, ALL, ALL, 1000 },
    { "explore-steady", "softirq-requeue", NULL, ALL, ALL, ALL, 0 },
    { "explore-steady", "softirq-requeue", NULL, 9000, ALL, ALL, 1000 },
    { "explore-steady", "softirq-requeue", NULL, ALL, 40, ALL, 100 },
    { "explore-steady", "softirq-requeue", NULL, ALL, ALL, 1, 300 },
    { "explore-steady", "pirq-tasklet", "run.memory=tso", ALL, ALL, ALL, 20 },
    { "explore-domain-destroy", "softirq-requeue", NULL, ALL, ALL, ALL, 50 },
    { "explore-close", "pirq-tasklet", NULL, ALL, ALL, ALL, 10 },
    { "explore-close", "pirq-tasklet", "actions.free.at=4ms", ALL, ALL, ALL, 10 },
    { "explore-close", "pirq-tasklet", "actions.free.at=4ms", ALL, ALL, 2, 10 },
    { "explore-close", "pirq-tasklet", "actions.free.at=4ms", ALL, ALL, ALL, 1000000 },
    { "explore-ticks", "softirq-requeue", NULL, ALL, ALL, ALL, 0 },
};

struct found {
    struct explore_outcome outcome;
    struct lock_order order;
    bool store_buffer_was_full;
};

/* What a single process found, for the others to compare with. */
struct job {
    const struct subject *subject;
    struct scenario *scenario;
    struct found found;
    bool is_different; /* process 1 is to search something else */
};

static void search(const struct job *job, struct peers *peers, struct found *found)
{
    const struct subject *subject = job->subject;
    struct explore_limits limits = explore_default_limits;
    struct explore_world world;
    char message[256];

    *found = (struct found){ .store_buffer_was_full = false };
    limits.states = subject->states < limits.states ? subject->states : limits.states;
    limits.depth = subject->depth;
    limits.preemptions = subject->preemptions;
    limits.peers = peers;
    limits.verifies = job->is_different && peers != NULL && peers->self == 1;
    CHECK(explore_world_open(&world, job->scenario, subject->design, NULL, message, sizeof(message)));
    struct explore_subject explored = explore_world_subject(&world);
    explore_search(&explored, &limits, &found->outcome);
    found->order = world.order;
    found->store_buffer_was_full = *world.store_buffer_was_full;
    explore_world_close(&world);
}

static bool has_edges(const struct lock_order *order, const struct lock_order *others)
{
    for (uint32_t i = 0; i < others->count; i++) {
        bool has_edge = false;
        for (uint32_t j = 0; j < order->count; j++)
            has_edge = has_edge || lock_edge_is_equal(&order->edges[j], &others->edges[i]);
        if (!has_edge)
            return false;
    }
    return order->count == others->count && order->is_truncated == others->is_truncated;
}

static bool is_number(const char *name, uint64_t here, uint64_t there)
{
    if (here != there)
        fprintf(stderr, "%s: %llu, one process: %llu\n", name, (unsigned long long)here, (unsigned long long)there);
    return here == there;
}

static bool is_equal(const struct found *here, const struct found *there)
{
    const struct explore_outcome *x = &here->outcome, *y = &there->outcome;
    const char *x_limit = x->limit != NULL ? x->limit : "", *y_limit = y->limit != NULL ? y->limit : "";
    bool is_same = is_number("verdict", x->verdict, y->verdict) && is_number("states", x->states, y->states);

    is_same = is_number("transitions", x->transitions, y->transitions) && is_same;
    is_same = is_number("ends", x->ends, y->ends) && is_same;
    is_same = is_number("depth", x->depth, y->depth) && is_same;
    is_same = is_number("suspicious", x->suspicious, y->suspicious) && is_same;
    is_same = is_number("bound", x->has_bound ? x->bound + 1 : 0, y->has_bound ? y->bound + 1 : 0) && is_same;
    is_same = is_number("violation", x->violation.kind, y->violation.kind) && is_same;
    is_same = is_number("text", strcmp(x->violation.text, y->violation.text) != 0, false) && is_same;
    is_same = is_number("limit", strcmp(x_limit, y_limit) != 0, false) && is_same;
    is_same = is_number("trace", x->trace_count, y->trace_count) && is_same;
    is_same = is_same && is_number("order", has_edges(&here->order, &there->order), true);
    is_same = is_same && is_number("buffer", here->store_buffer_was_full, there->store_buffer_was_full);
    return is_same && (x->trace_count == 0 || memcmp(x->trace, y->trace, x->trace_count * sizeof(*x->trace)) == 0);
}

static bool search_with(struct peers *peers, void *data)
{
    const struct job *job = data;
    struct found found;

    peers->states_together = job->subject->together;
    search(job, peers, &found);
    if (job->is_different)
        return found.outcome.limit != NULL && strcmp(found.outcome.limit, EXPLORE_NOT_ALIKE) == 0;
    if (is_equal(&found, &job->found))
        return true;
    fprintf(stderr, "process %u of %u, %s %s %s\n", peers->self, peers->size, job->subject->scenario,
            job->subject->design, job->subject->set != NULL ? job->subject->set : "");
    return false;
}

static void job_open(struct job *job, const struct subject *subject)
{
    char path[256];
    struct diag diag;

    *job = (struct job){ .subject = subject, .scenario = malloc(sizeof(*job->scenario)) };
    assert_non_null(job->scenario);
    diag_init(&diag);
    (void)snprintf(path, sizeof(path), "%s/scenarios/%s.yaml", SOURCE_DIR, subject->scenario);
    assert_int_equal(scenario_load(job->scenario, path, &subject->set, subject->set != NULL, &diag), SCENARIO_OK);
    diag_free(&diag);
}

static void job_close(struct job *job)
{
    explore_outcome_free(&job->found.outcome);
    scenario_free(job->scenario);
    free(job->scenario);
}

static void test_any_number_finds_the_same(void **state)
{
    static const uint32_t sizes[] = { 1, 2, 4 };
    struct job job;

    (void)state;
    EXPLORE_OR_SKIP();
    for (size_t i = 0; i < sizeof(subjects) / sizeof(*subjects); i++) {
        job_open(&job, &subjects[i]);
        search(&job, NULL, &job.found);
        for (size_t j = 0; j < sizeof(sizes) / sizeof(*sizes); j++)
            peers_hub_run(sizes[j], search_with, &job);
        job_close(&job);
    }
}

static void test_processes_that_differ_say_so(void **state)
{
    struct job job;

    (void)state;
    EXPLORE_OR_SKIP();
    job_open(&job, &subjects[0]);
    job.is_different = true;
    peers_hub_run(3, search_with, &job);
    job_close(&job);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_any_number_finds_the_same),
        cmocka_unit_test(test_processes_that_differ_say_so),
    };

    return cmocka_run_group_tests_name("explore_partition", tests, NULL, NULL);
}
