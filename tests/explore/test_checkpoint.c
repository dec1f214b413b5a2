/* SPDX-License-Identifier: Apache-2.0
 *
 * A search that was ended at any place and goes on from its checkpoint finds what it would have found without the
 * interruption. Checkpoints that are damaged or of something else are refused.
 */
#define _GNU_SOURCE
#include "explore/checkpoint.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "base/diag.h"
#include "death.h"
#include "explore/explore.h"
#include "explore/visited.h"
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

/* A search, and the checkpoint where a limit ended it. */
struct found {
    struct explore_outcome outcome;
    struct lock_order order;
    bool store_buffer_was_full;
    uint8_t *checkpoint; /* NULL: none */
    size_t checkpoint_bytes;
};

static void keep(void *context, const struct checkpoint *checkpoint)
{
    struct found *found = context;

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
} stops[] = {
    { 1, EXPLORE_UNLIMITED, 0 },
    { 700, EXPLORE_UNLIMITED, 0 },
    { 9000, EXPLORE_UNLIMITED, 0 },
    { 13000, EXPLORE_UNLIMITED, 0 },
    { 0, 0, 0 },
    { 0, 1, 0 },
    { 0, 17, 0 },
    { 0, 25, 0 },
    { 0, EXPLORE_UNLIMITED, 2 },
    { 0, EXPLORE_UNLIMITED, 30 },
};

static struct explore_limits limits_at(const struct stop *stop, uint32_t jobs)
{
    struct explore_limits limits = explore_default_limits;

    limits.depth = stop->depth;
    if (stop->states > 0)
        limits.states = stop->states;
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

/* --- the file --- */

static const struct checkpoint small = {
    .key = { "p", "s", "d" },
    .states = 6,
    .expanded = 4,
    .transitions = 300,
    .store_buffer_was_full = true,
    .order = { .edges = { { .held = { UINT64_MAX, 1 }, .from = 3, .to = 127 } }, .count = 1, .is_truncated = true },
    .parents = (uint32_t[]){ 0, 0, 0, 1, 1, 3 },
    .slots = (uint16_t[]){ 0, 1, 700, 0, 2, 1 },
    .onward = (uint32_t[]){ VISITED_NO_RANK, VISITED_NO_RANK, 5, VISITED_NO_RANK },
};

static void test_contents(void **state)
{
    struct checkpoint again;
    char message[256];
    uint8_t *bytes;
    size_t count = checkpoint_encode(&small, &bytes);

    (void)state;
    assert_true(checkpoint_decode(&again, bytes, count, message, sizeof(message)));
    assert_true(checkpoint_is_of(&again, &small.key, message, sizeof(message)));
    assert_int_equal(again.states, small.states);
    assert_int_equal(again.expanded, small.expanded);
    assert_int_equal(again.transitions, small.transitions);
    assert_true(again.store_buffer_was_full && again.order.is_truncated && again.order.count == 1);
    assert_true(lock_edge_is_equal(&again.order.edges[0], &small.order.edges[0]));
    assert_memory_equal(again.parents, small.parents, small.states * sizeof(*small.parents));
    assert_memory_equal(again.slots, small.slots, small.states * sizeof(*small.slots));
    assert_memory_equal(again.onward, small.onward, small.expanded * sizeof(*small.onward));
    checkpoint_free(&again);
    free(bytes);
}

static void assert_refused(const uint8_t *bytes, size_t count, const char *what, size_t place)
{
    struct checkpoint checkpoint;
    char message[256] = "";

    if (checkpoint_decode(&checkpoint, bytes, count, message, sizeof(message)))
        fail_msg("%s at byte %zu was not noticed", what, place);
    if (strstr(message, "byte ") == NULL && strstr(message, "not a checkpoint") == NULL)
        fail_msg("%s at byte %zu: %s", what, place, message);
    assert_null(checkpoint.parents);
}

/* Every 7th byte of a real one, and every byte of a small one. */
static void damage(uint8_t *bytes, size_t count, size_t stride)
{
    static const uint8_t changes[] = { 0x01, 0x80, 0xff };
    uint8_t *copy = malloc(count + 1);

    assert_non_null(copy);
    for (size_t at = 0; at < count; at += stride) {
        memcpy(copy, bytes, at);
        assert_refused(copy, at, "a cut", at);
        for (size_t i = 0; i < sizeof(changes); i++) {
            bytes[at] ^= changes[i];
            assert_refused(bytes, count, "a change", at);
            bytes[at] ^= changes[i];
        }
    }
    memcpy(copy, bytes, count);
    copy[count] = 0;
    assert_refused(copy, count + 1, "a byte more", count);
    free(copy);
}

static void test_damage(void **state)
{
    struct found found;
    uint8_t *bytes;
    size_t count = checkpoint_encode(&small, &bytes);

    (void)state;
    damage(bytes, count, 1);
    free(bytes);
    EXPLORE_OR_SKIP();
    search_to(&subjects[1], 17, &found);
    damage(found.checkpoint, found.checkpoint_bytes, 7);
    free(found.checkpoint);
    explore_outcome_free(&found.outcome);
}

/* Contents that the checksum confirms but that no search has. */
static void test_impossible(void **state)
{
    static const struct {
        uint64_t states, expanded;
        uint32_t parents[3];
        uint16_t slots[3];
        uint32_t onward;
        const char *message;
    } rows[] = {
        { 3, 1, { 0, 0, 0 }, { 0, 1, 2 }, VISITED_NO_RANK, NULL },
        { 0, 0, { 0, 0, 0 }, { 0, 1, 2 }, VISITED_NO_RANK, "number of states" },
        { 3, 1, { 0, 0, 0 }, { 0, 1, 1 }, VISITED_NO_RANK, "out of order" },
        { 3, 1, { 0, 0, 0 }, { 0, 2, 1 }, VISITED_NO_RANK, "out of order" },
        { 3, 1, { 0, 0, 1 }, { 0, 1, 1 }, VISITED_NO_RANK, "out of order" },
        { 3, 3, { 0, 0, 2 }, { 0, 1, 1 }, VISITED_NO_RANK, "out of order" },
        { 3, 1, { 0, 0, 0 }, { 0, 1, UINT16_MAX }, VISITED_NO_RANK, "too large" },
        { 3, 4, { 0, 0, 1 }, { 0, 1, 1 }, VISITED_NO_RANK, "too large" },
        { 1, 1, { 0, 0, 0 }, { 0, 0, 0 }, 7, "too large" },
    };

    (void)state;
    for (size_t i = 0; i < sizeof(rows) / sizeof(*rows); i++) {
        uint32_t parents[3], onward[4] = { rows[i].onward, VISITED_NO_RANK, VISITED_NO_RANK, VISITED_NO_RANK };
        uint16_t slots[3];
        struct checkpoint checkpoint = {
            .states = rows[i].states, .expanded = rows[i].expanded, .parents = parents, .slots = slots, .onward = onward
        };
        char message[256] = "";
        uint8_t *bytes;

        memcpy(parents, rows[i].parents, sizeof(parents));
        memcpy(slots, rows[i].slots, sizeof(slots));
        size_t count = checkpoint_encode(&checkpoint, &bytes);
        if (checkpoint_decode(&checkpoint, bytes, count, message, sizeof(message)) != (rows[i].message == NULL))
            fail_msg("row %zu: %s", i, message);
        if (rows[i].message != NULL && strstr(message, rows[i].message) == NULL)
            fail_msg("row %zu: %s", i, message);
        if (rows[i].message == NULL)
            checkpoint_free(&checkpoint);
        free(bytes);
    }
}

static void test_keys(void **state)
{
    static const struct {
        struct checkpoint_key key;
        const char *message;
    } rows[] = {
        { { "p", "s", "x" }, "of the design d, not of x" },
        { { "p", "x", "d" }, "another scenario" },
        { { "x", "s", "d" }, "another build" },
    };

    (void)state;
    for (size_t i = 0; i < sizeof(rows) / sizeof(*rows); i++) {
        char message[256] = "";

        assert_false(checkpoint_is_of(&small, &rows[i].key, message, sizeof(message)));
        if (strstr(message, rows[i].message) == NULL)
            fail_msg("row %zu: %s", i, message);
    }
}

static void test_files(void **state)
{
    char directory[] = "/tmp/irqpath-checkpoint-XXXXXX", path[64], message[256] = "";
    struct checkpoint again;

    (void)state;
    assert_non_null(mkdtemp(directory));
    (void)snprintf(path, sizeof(path), "%s/kept", directory);
    assert_false(checkpoint_read(&again, path, message, sizeof(message)));
    assert_non_null(strstr(message, path));
    for (int twice = 0; twice < 2; twice++)
        assert_true(checkpoint_write(&small, path, message, sizeof(message)));
    assert_true(checkpoint_read(&again, path, message, sizeof(message)));
    assert_int_equal(again.transitions, small.transitions);
    checkpoint_free(&again);
    assert_int_equal(truncate(path, 40), 0);
    assert_false(checkpoint_read(&again, path, message, sizeof(message)));
    assert_non_null(strstr(message, "byte 24"));
    assert_int_equal(unlink(path), 0);
    assert_int_equal(rmdir(directory), 0);
    assert_false(checkpoint_write(&small, path, message, sizeof(message)));
    assert_non_null(strstr(message, path));
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_resuming),
        cmocka_unit_test(test_several_parts),
        cmocka_unit_test(test_interrupted_early),
        cmocka_unit_test(test_other_states),
        cmocka_unit_test(test_contents),
        cmocka_unit_test(test_damage),
        cmocka_unit_test(test_impossible),
        cmocka_unit_test(test_keys),
        cmocka_unit_test(test_files),
    };

    return cmocka_run_group_tests_name("explore_checkpoint", tests, NULL, NULL);
}
