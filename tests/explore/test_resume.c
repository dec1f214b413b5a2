/* SPDX-License-Identifier: Apache-2.0
 *
 * A search that was ended at any place and goes on from its checkpoint finds what it would have found without the
 * interruption. A checkpoint of something else is refused.
 */
#define _GNU_SOURCE
#include "explore/resume.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "base/diag.h"
#include "death.h"
#include "explore/explore.h"
#include "explore_fixture.h"
#include "scenario/scenario.h"

static const struct subject {
    const char *scenario, *design, *set;
    enum violation_kind kind;
} subjects[] = {
    { "explore-steady", "softirq-masked", NULL, VIOLATION_LOST_INTERRUPT },
    { "explore-steady", "softirq-requeue", NULL, VIOLATION_NONE },
    { "explore-steady", "pirq-tasklet", "run.memory=tso", VIOLATION_NONE },
    { "explore-domain-destroy", "softirq-requeue", NULL, VIOLATION_MODELLED_BUG },
    { "explore-close", "pirq-tasklet", NULL, VIOLATION_NONE },
    { "explore-close", "pirq-tasklet", "actions.free.at=4ms", VIOLATION_ENDLESS_WAIT },
    { "explore-ticks", "softirq-requeue", NULL, VIOLATION_LOST_INTERRUPT },
};

enum { SUBJECTS = sizeof(subjects) / sizeof(*subjects) };

/* Of a search in progress, before the one whose checkpoint is kept. */
static unsigned calls_left;

/* A search, and the checkpoint where a limit ended it. */
struct found {
    struct explore_outcome outcome;
    struct lock_order order;
    bool store_buffer_was_full;
    uint8_t *checkpoint; /* NULL: none */
    size_t checkpoint_bytes;
};

static void keep(void *context, const struct checkpoint *checkpoint, bool has_ended)
{
    struct found *found = context;

    if (!has_ended && calls_left-- > 0)
        return;
    if (!has_ended && found->checkpoint != NULL)
        return;
    assert_null(found->checkpoint);
    found->checkpoint_bytes = checkpoint_encode(checkpoint, &found->checkpoint);
}

static void load(struct scenario *scenario, const struct subject *subject)
{
    char path[256];
    struct diag diag;

    diag_init(&diag);
    (void)snprintf(path, sizeof(path), "%s/scenarios/%s.yaml", SOURCE_DIR, subject->scenario);
    assert_int_equal(scenario_load(scenario, path, &subject->set, subject->set != NULL, &diag), SCENARIO_OK);
    diag_free(&diag);
}

static void search(const struct subject *subject, const struct explore_limits *given, struct found *found)
{
    struct explore_limits limits = *given;
    struct scenario *scenario = malloc(sizeof(*scenario));
    struct explore_world world;
    char message[256];

    assert_non_null(scenario);
    *found = (struct found){ .checkpoint = NULL };
    limits.keep = keep;
    limits.keep_context = found;
    load(scenario, subject);
    assert_true(explore_world_open(&world, scenario, subject->design, NULL, message, sizeof(message)));
    struct explore_subject explored = explore_world_subject(&world);
    explore_search(&explored, &limits, &found->outcome);
    found->order = world.order;
    found->store_buffer_was_full = *world.store_buffer_was_full;
    explore_world_close(&world);
    scenario_free(scenario);
    free(scenario);
}

/* Goes on from the checkpoint of `before`, which is freed. */
static void resume(const struct subject *subject, struct explore_limits limits, struct found *before,
                   struct found *found)
{
    struct checkpoint checkpoint;
    char message[256] = "";

    if (!checkpoint_decode(&checkpoint, before->checkpoint, before->checkpoint_bytes, message, sizeof(message)))
        fail_msg("%s", message);
    limits.resumed = &checkpoint;
    search(subject, &limits, found);
    checkpoint_free(&checkpoint);
    free(before->checkpoint);
    explore_outcome_free(&before->outcome);
}

static bool has_edge(const struct lock_order *order, const struct lock_edge *edge)
{
    for (uint32_t i = 0; i < order->count; i++)
        if (lock_edge_is_equal(&order->edges[i], edge))
            return true;
    return false;
}

static void assert_equal(const struct found *a, const struct found *b)
{
    const struct explore_outcome *x = &a->outcome, *y = &b->outcome;

    assert_int_equal(x->verdict, y->verdict);
    assert_int_equal(x->violation.kind, y->violation.kind);
    assert_string_equal(x->violation.text, y->violation.text);
    assert_int_equal(x->limit == NULL, y->limit == NULL);
    if (x->limit != NULL)
        assert_string_equal(x->limit, y->limit);
    assert_int_equal(x->has_bound, y->has_bound);
    assert_int_equal(x->bound, y->bound);
    assert_int_equal(x->states, y->states);
    assert_int_equal(x->transitions, y->transitions);
    assert_int_equal(x->ends, y->ends);
    assert_int_equal(x->depth, y->depth);
    assert_int_equal(x->suspicious, y->suspicious);
    assert_int_equal(x->trace_count, y->trace_count);
    if (x->trace_count > 0)
        assert_memory_equal(x->trace, y->trace, x->trace_count * sizeof(*x->trace));
    assert_int_equal(a->store_buffer_was_full, b->store_buffer_was_full);
    assert_int_equal(a->order.is_truncated, b->order.is_truncated);
    assert_int_equal(a->order.count, b->order.count);
    for (uint32_t i = 0; i < a->order.count; i++)
        assert_true(has_edge(&b->order, &a->order.edges[i]));
}

static unsigned looks_left;

static bool is_interrupted(void) { return looks_left-- == 0; }

/* The places at which a search is ended; 0 and EXPLORE_UNLIMITED: not there. */
static const struct stop {
    uint64_t states, depth;
    unsigned looks; /* until a signal arrives */
    uint64_t bytes;
} stops[] = {
    { 1, EXPLORE_UNLIMITED, 0, 0 },
    { 700, EXPLORE_UNLIMITED, 0, 0 },
    { 9000, EXPLORE_UNLIMITED, 0, 0 },
    { 13000, EXPLORE_UNLIMITED, 0, 0 },
    { 0, 0, 0, 0 },
    { 0, 1, 0, 0 },
    { 0, 17, 0, 0 },
    { 0, 25, 0, 0 },
    { 0, EXPLORE_UNLIMITED, 2, 0 },
    { 0, EXPLORE_UNLIMITED, 30, 0 },
    { 0, EXPLORE_UNLIMITED, 0, 1 << 20 },
};

static struct explore_limits limits_at(const struct stop *stop, uint32_t jobs)
{
    struct explore_limits limits = explore_default_limits;

    limits.depth = stop->depth;
    if (stop->states > 0)
        limits.states = stop->states;
    if (stop->bytes > 0)
        limits.bytes = stop->bytes;
    if (stop->looks > 0)
        limits.is_interrupted = is_interrupted;
    looks_left = stop->looks;
    limits.jobs = jobs;
    return limits;
}

static void test_resuming(void **state)
{
    size_t resumed = 0;

    (void)state;
    EXPLORE_OR_SKIP();
    for (size_t i = 0; i < SUBJECTS; i++) {
        struct explore_limits limits = explore_default_limits;
        struct found whole;

        search(&subjects[i], &limits, &whole);
        assert_int_equal(whole.outcome.violation.kind, subjects[i].kind);
        assert_null(whole.checkpoint);
        for (size_t j = 0; j < sizeof(stops) / sizeof(*stops); j++) {
            struct explore_limits few = limits_at(&stops[j], 1 + (i + j) % 2);
            struct found part, rest;

            search(&subjects[i], &few, &part);
            if (part.checkpoint == NULL) {
                assert_int_equal(part.outcome.states, whole.outcome.states);
                explore_outcome_free(&part.outcome);
                continue;
            }
            limits.jobs = 1 + j % 2;
            resume(&subjects[i], limits, &part, &rest);
            assert_equal(&rest, &whole);
            assert_null(rest.checkpoint);
            explore_outcome_free(&rest.outcome);
            resumed++;
        }
        explore_outcome_free(&whole.outcome);
    }
    assert_true(resumed > 4 * SUBJECTS);
}

/* The same limit ends a search that goes on as it ends the whole one, and several checkpoints may follow each other. */
static void test_several_parts(void **state)
{
    static const uint64_t depths[] = { 12, 12, 20, 31, EXPLORE_UNLIMITED };
    const struct subject *subject = &subjects[3];
    struct explore_limits limits = explore_default_limits;
    struct found part, next, whole;

    (void)state;
    EXPLORE_OR_SKIP();
    limits.depth = 5;
    search(subject, &limits, &part);
    for (size_t i = 0; i < sizeof(depths) / sizeof(*depths); i++) {
        limits.depth = depths[i];
        limits.jobs = 1 + i % 2;
        resume(subject, limits, &part, &next);
        search(subject, &limits, &whole);
        assert_equal(&next, &whole);
        assert_int_equal(next.checkpoint == NULL, whole.checkpoint == NULL);
        if (whole.checkpoint != NULL) {
            assert_int_equal(next.checkpoint_bytes, whole.checkpoint_bytes);
            free(whole.checkpoint);
        }
        explore_outcome_free(&whole.outcome);
        part = next;
    }
    assert_null(part.checkpoint);
    explore_outcome_free(&part.outcome);
}

/* What a killed search has left behind while it was in progress. */
static void test_in_progress(void **state)
{
    size_t resumed = 0;

    (void)state;
    EXPLORE_OR_SKIP();
    for (size_t i = 0; i < SUBJECTS; i++)
        for (unsigned call = 0; call < 20; call += 19) {
            struct explore_limits limits = explore_default_limits;
            struct found whole, rest;

            calls_left = call;
            limits.jobs = 1 + call % 2;
            limits.keep_seconds = 0;
            search(&subjects[i], &limits, &whole);
            if (whole.checkpoint == NULL) { /* that many calls there are not */
                explore_outcome_free(&whole.outcome);
                break;
            }
            struct found before = { .checkpoint = whole.checkpoint, .checkpoint_bytes = whole.checkpoint_bytes };
            limits.keep_seconds = EXPLORE_UNLIMITED;
            resume(&subjects[i], limits, &before, &rest);
            assert_equal(&rest, &whole);
            assert_null(rest.checkpoint);
            explore_outcome_free(&rest.outcome);
            explore_outcome_free(&whole.outcome);
            resumed++;
        }
    assert_true(resumed > SUBJECTS);
}

/* While the states are visited again, nothing new is known: there is no checkpoint. */
static void test_interrupted_early(void **state)
{
    struct explore_limits limits = explore_default_limits;
    struct found part, rest;

    (void)state;
    EXPLORE_OR_SKIP();
    limits.depth = 25;
    search(&subjects[1], &limits, &part);
    assert_non_null(part.checkpoint);
    limits = limits_at(&stops[8], 2);
    resume(&subjects[1], limits, &part, &rest);
    assert_int_equal(rest.outcome.verdict, EXPLORE_INCOMPLETE);
    assert_string_equal(rest.outcome.limit, EXPLORE_INTERRUPTED);
    assert_null(rest.checkpoint);
    explore_outcome_free(&rest.outcome);
}

/* A checkpoint without a key, of the search of a subject to a depth. */
static void search_to(const struct subject *subject, uint64_t depth, struct found *found)
{
    struct explore_limits limits = explore_default_limits;

    limits.depth = depth;
    search(subject, &limits, found);
    assert_non_null(found->checkpoint);
}

/* Whoever gets past the key of another program is refused by what the steps lead to. */
static void test_other_states(void **state)
{
    (void)state;
    EXPLORE_OR_SKIP();
    for (size_t i = 0; i < SUBJECTS; i++) {
        const struct subject *other = &subjects[(i + 1) % SUBJECTS];
        struct explore_limits limits = explore_default_limits;
        struct found part, rest;

        search_to(&subjects[i], 25, &part);
        resume(other, limits, &part, &rest);
        assert_int_equal(rest.outcome.verdict, EXPLORE_INCOMPLETE);
        assert_string_equal(rest.outcome.limit, EXPLORE_NOT_RESUMED);
        assert_null(rest.checkpoint);
        explore_outcome_free(&rest.outcome);
    }
}

/* A limit on the depth counts from the first state, not from where the search goes on. */
static void test_depth(void **state)
{
    (void)state;
    EXPLORE_OR_SKIP();
    for (uint64_t before = 5; before <= 15; before += 5)
        for (uint64_t depth = before + 1; depth <= 20; depth += 4) {
            struct explore_limits limits = explore_default_limits;
            struct found whole, part, rest;

            search_to(&subjects[1], depth, &whole);
            search_to(&subjects[1], before, &part);
            limits.depth = depth;
            resume(&subjects[1], limits, &part, &rest);
            assert_equal(&rest, &whole);
            assert_int_equal(rest.checkpoint_bytes, whole.checkpoint_bytes);
            free(rest.checkpoint);
            free(whole.checkpoint);
            explore_outcome_free(&rest.outcome);
            explore_outcome_free(&whole.outcome);
        }
}

/* What steps have left that are not taken again is kept, and is part of the next checkpoint. */
static void test_records(void **state)
{
    static const struct lock_edge edge = { .held = { 1, 2 }, .from = 100, .to = 101 };
    struct explore_limits limits = explore_default_limits;
    struct checkpoint checkpoint;
    struct found found;
    char message[256];

    (void)state;
    EXPLORE_OR_SKIP();
    search_to(&subjects[1], 25, &found);
    for (uint64_t depth = 25; depth <= 30; depth += 5) {
        assert_true(checkpoint_decode(&checkpoint, found.checkpoint, found.checkpoint_bytes, message, sizeof(message)));
        free(found.checkpoint);
        explore_outcome_free(&found.outcome);
        if (depth == 25) {
            assert_true(checkpoint.order.count > 0 && !checkpoint.order.is_truncated);
            assert_false(checkpoint.store_buffer_was_full);
            lock_order_add(&checkpoint.order, &edge);
            checkpoint.order.is_truncated = checkpoint.store_buffer_was_full = true;
        }
        limits.depth = depth;
        limits.resumed = &checkpoint;
        search(&subjects[1], &limits, &found);
        assert_true(has_edge(&found.order, &edge) && found.order.is_truncated && found.store_buffer_was_full);
        checkpoint_free(&checkpoint);
    }
    free(found.checkpoint);
    explore_outcome_free(&found.outcome);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_resuming),
        cmocka_unit_test(test_several_parts),
        cmocka_unit_test(test_interrupted_early),
        cmocka_unit_test(test_other_states),
        cmocka_unit_test(test_depth),
        cmocka_unit_test(test_records),
        cmocka_unit_test(test_in_progress),
    };

    return cmocka_run_group_tests_name("explore_resume", tests, NULL, NULL);
}
