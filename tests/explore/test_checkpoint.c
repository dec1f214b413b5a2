/* SPDX-License-Identifier: Apache-2.0
 *
 * Checkpoints in bytes: what is written is read again; what is damaged, impossible or of something else is refused.
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
    .sleeps = (uint32_t[]){ 0, 1 },
    .sets = { .words = (uint64_t[]){ 5, 3, 1, 40, 700, 0 }, .count = 1, .word_count = 6 },
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
    assert_memory_equal(again.sleeps, small.sleeps, 2 * sizeof(*small.sleeps));
    assert_int_equal(again.sets.count, small.sets.count);
    assert_int_equal(again.sets.word_count, small.sets.word_count);
    assert_memory_equal(again.sets.words, small.sets.words, small.sets.word_count * sizeof(*small.sets.words));
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

struct encoded {
    uint8_t *bytes;
    size_t count;
};

static void keep(void *context, const struct checkpoint *checkpoint, bool has_ended)
{
    struct encoded *encoded = context;

    assert_true(has_ended);
    encoded->count = checkpoint_encode(checkpoint, &encoded->bytes);
}

/* The checkpoint of a real search. */
static struct encoded search(void)
{
    struct encoded encoded = { .count = 0 };
    struct explore_limits limits = explore_default_limits;
    struct explore_outcome outcome;
    struct scenario scenario;
    struct diag diag;
    char message[256];

    limits.depth = 17;
    limits.keep = keep;
    limits.keep_context = &encoded;
    diag_init(&diag);
    assert_int_equal(scenario_load(&scenario, SOURCE_DIR "/scenarios/explore-steady.yaml", NULL, 0, &diag),
                     SCENARIO_OK);
    diag_free(&diag);
    assert_true(explore_scenario(&scenario, "softirq-requeue", &limits, NULL, &outcome, message, sizeof(message)));
    explore_outcome_free(&outcome);
    scenario_free(&scenario);
    return encoded;
}

static void test_damage(void **state)
{
    struct encoded encoded;

    (void)state;
    encoded.count = checkpoint_encode(&small, &encoded.bytes);
    damage(encoded.bytes, encoded.count, 1);
    free(encoded.bytes);
    EXPLORE_OR_SKIP();
    encoded = search();
    assert_true(encoded.count > 500);
    damage(encoded.bytes, encoded.count, 7);
    free(encoded.bytes);
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
        uint32_t sleeps[3] = { 0 };
        uint16_t slots[3];
        struct checkpoint checkpoint = { .states = rows[i].states,
                                         .expanded = rows[i].expanded,
                                         .parents = parents,
                                         .slots = slots,
                                         .onward = onward,
                                         .sleeps = sleeps };
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
        cmocka_unit_test(test_contents), cmocka_unit_test(test_damage), cmocka_unit_test(test_impossible),
        cmocka_unit_test(test_keys),     cmocka_unit_test(test_files),
    };

    return cmocka_run_group_tests_name("explore_checkpoint", tests, NULL, NULL);
}
