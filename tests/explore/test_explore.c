/* SPDX-License-Identifier: Apache-2.0
 *
 * Tests exploration of scenarios: verdicts of the steady state, the golden trace G1, limits, replay files, and the
 * capture of states.
 */
#define _GNU_SOURCE
#include "base/file.h"
#include "explore/explore.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "base/diag.h"
#include "death.h"
#include "explore_fixture.h"
#include "explore/replay.h"
#include "scenario/scenario.h"

static void load(struct scenario *scenario, const char *set)
{
    const char *sets[] = { set };
    struct diag diag;

    diag_init(&diag);
    assert_int_equal(scenario_load(scenario, SOURCE_DIR "/scenarios/explore-steady.yaml", sets, set != NULL, &diag),
                     SCENARIO_OK);
    diag_free(&diag);
}

static void explore(const struct scenario *scenario, const char *design, const struct explore_limits *limits,
                    struct explore_outcome *outcome)
{
    char message[256] = "";

    assert_true(explore_scenario(scenario, design, limits, NULL, outcome, message, sizeof(message)));
}

static void test_steady_state(void **state)
{
    static const struct {
        const char *design, *text;
        enum violation_kind kind;
    } rows[] = {
        { "domain-tasklet", "", VIOLATION_NONE },
        { "pirq-tasklet", "", VIOLATION_NONE },
        { "softirq-masked", "raised vector 30", VIOLATION_LOST_INTERRUPT },
        { "softirq-states", "STATE_RUN is set already", VIOLATION_MODELLED_BUG },
        { "softirq-gated", "STATE_RUN is set already", VIOLATION_MODELLED_BUG },
        { "softirq-requeue", "", VIOLATION_NONE },
        { "softirq-hotplug", "", VIOLATION_NONE },
    };
    struct scenario scenario;

    (void)state;
    EXPLORE_OR_SKIP();
    load(&scenario, NULL);
    for (size_t i = 0; i < sizeof(rows) / sizeof(*rows); i++) {
        struct explore_outcome outcome;

        explore(&scenario, rows[i].design, &explore_default_limits, &outcome);
        assert_int_equal(outcome.violation.kind, rows[i].kind);
        assert_int_equal(outcome.verdict, rows[i].kind == VIOLATION_NONE ? EXPLORE_CLEAN : EXPLORE_VIOLATION);
        assert_non_null(strstr(outcome.violation.text, rows[i].text));
        assert_true(outcome.states > 100 && outcome.transitions > outcome.states);
        explore_outcome_free(&outcome);
    }
    scenario_free(&scenario);
}

/* A single interrupt is never lost, nor is a second one when the device's messages go to the same pCPU. */
static void test_what_it_takes(void **state)
{
    static const char *const harmless[] = { "devices.nic.interrupts=1", "devices.nic.target=vcpu" };
    struct scenario scenario;

    (void)state;
    EXPLORE_OR_SKIP();
    for (size_t i = 0; i < sizeof(harmless) / sizeof(*harmless); i++) {
        struct explore_outcome outcome;

        load(&scenario, harmless[i]);
        explore(&scenario, "softirq-masked", &explore_default_limits, &outcome);
        assert_int_equal(outcome.verdict, EXPLORE_CLEAN);
        explore_outcome_free(&outcome);
        scenario_free(&scenario);
    }
}

static void test_limits(void **state)
{
    struct explore_limits limits[] = { explore_default_limits, explore_default_limits, explore_default_limits,
                                       explore_default_limits };
    static const char *const names[] = { "states", "depth", "memory", "preemptions" };
    struct scenario scenario;

    (void)state;
    EXPLORE_OR_SKIP();
    limits[0].states = 5000; /* enough to fork workers */
    limits[1].depth = 20;
    limits[2].bytes = 500000;
    limits[3].preemptions = 0;
    load(&scenario, NULL);
    for (size_t i = 0; i < sizeof(names) / sizeof(*names); i++) {
        struct explore_outcome outcome;

        for (limits[i].jobs = 1; limits[i].jobs <= 2; limits[i].jobs++) {
            explore(&scenario, "softirq-requeue", &limits[i], &outcome);
            assert_int_equal(outcome.verdict, EXPLORE_INCOMPLETE);
            assert_string_equal(outcome.limit, names[i]);
            explore_outcome_free(&outcome);
        }
    }
    scenario_free(&scenario);
}

/* G1, derived by hand from patch v7: the steps in their order. */
static void test_golden_trace(void **state)
{
    static const char *const steps[] = { "c1 ",           "c2 ",           "c8 ",
                                         "c9 ",           "vlapic irr: 0", "c10 ",
                                         "guest handler", "device raises", "c1 load masked = 1",
                                         "c11 " };
    struct scenario scenario;
    struct explore_outcome outcome;
    struct explore_world world;
    char *text = NULL, message[256];
    size_t bytes = 0;

    (void)state;
    EXPLORE_OR_SKIP();
    load(&scenario, NULL);
    explore(&scenario, "softirq-masked", &explore_default_limits, &outcome);
    assert_true(explore_world_open(&world, &scenario, "softirq-masked", NULL, message, sizeof(message)));
    FILE *stream = open_memstream(&text, &bytes);
    assert_true(explore_replay_print(&world, outcome.trace, outcome.trace_count, stream));
    assert_int_equal(fclose(stream), 0);
    const char *at = text;
    for (size_t i = 0; i < sizeof(steps) / sizeof(*steps); i++) {
        at = strstr(at, steps[i]);
        assert_non_null(at);
        at++;
    }
    /* A trace does not fit a world that has already been stepped. */
    stream = fopen("/dev/null", "w");
    assert_non_null(stream);
    assert_false(explore_replay_print(&world, outcome.trace, outcome.trace_count, stream));
    (void)fclose(stream);
    free(text);
    explore_world_close(&world);
    explore_outcome_free(&outcome);
    scenario_free(&scenario);
}

static void test_replay_file(void **state)
{
    uint16_t trace[] = { 3, 1, 4, 1, 5 };
    uint32_t accesses[] = { 0, 4096 };
    struct replay written = { "a: 1\n", "a-design", "deadlock", "text", trace, 5, "12ab", "x.so", true, accesses, 2 },
                  read;
    char path[] = "/tmp/irqpath-replay-XXXXXX", message[256] = "";

    (void)state;
    close(mkstemp(path));
    assert_true(replay_write(&written, path, true, message, sizeof(message)));
    assert_true(replay_read(&read, path, message, sizeof(message)));
    assert_string_equal(read.scenario, written.scenario);
    assert_string_equal(read.design, written.design);
    assert_string_equal(read.kind, written.kind);
    assert_int_equal(read.trace_count, 5);
    assert_memory_equal(read.trace, trace, sizeof(trace));
    assert_string_equal(read.code, written.code);
    assert_string_equal(read.code_path, written.code_path);
    assert_true(read.are_all_steps);
    assert_int_equal(read.access_count, 2);
    assert_memory_equal(read.accesses, accesses, sizeof(accesses));
    replay_free(&read);
    assert_true(file_write(path, "{}", 2, true, message, sizeof(message)));
    assert_false(replay_read(&read, path, message, sizeof(message)));
    assert_non_null(strstr(message, "not a replay file"));
    assert_int_equal(truncate(path, 1), 0);
    assert_false(replay_read(&read, path, message, sizeof(message)));
    assert_int_equal(unlink(path), 0);
    assert_false(replay_write(&written, "/nowhere/file", true, message, sizeof(message)));
}

static bool is_same(struct state_pair a, struct state_pair b) { return a.stacks == b.stacks && a.memory == b.memory; }

/* Steps forward, restores or undoes, and steps again: the states are the same, and all differ along the path. */
static void test_restore(void **state)
{
    enum { STEPS = 30 };
    struct scenario scenario;
    struct explore_world world;
    struct explore_state kept;
    struct state_pair pairs[STEPS];
    char message[256];

    (void)state;
    EXPLORE_OR_SKIP();
    load(&scenario, NULL);
    assert_true(explore_world_open(&world, &scenario, "softirq-requeue", NULL, message, sizeof(message)));
    assert_true(explore_state_init(&kept, &world.engine, 10000, 100000));
    pairs[0] = kept.first_pair;
    for (int round = 0; round < 2; round++) {
        for (int i = 1; i < STEPS; i++) {
            uint32_t slot = eventq_key_slot(eventq_next(&world.engine.queue));
            explore_state_step(&kept, slot);
            explore_state_undo(&kept);
            explore_state_step(&kept, slot);
            struct state_pair pair = explore_state_capture(&kept);
            if (round == 1)
                assert_true(is_same(pair, pairs[i]));
            pairs[i] = pair;
            for (int j = 0; j < i; j++)
                assert_false(is_same(pair, pairs[j]));
        }
        for (int i = STEPS - 1; i >= 0; i -= 7) {
            explore_state_restore(&kept, pairs[i]);
            assert_true(is_same(explore_state_capture(&kept), pairs[i]));
        }
        explore_state_restore(&kept, pairs[0]);
    }
    explore_state_free(&kept);
    explore_world_close(&world);
    scenario_free(&scenario);
}

/* The outcome is the same for one worker and for several. */
static void test_jobs(void **state)
{
    static const char *const designs[] = { "pirq-tasklet", "softirq-masked", "softirq-requeue" };
    struct scenario scenario;

    (void)state;
    EXPLORE_OR_SKIP();
    load(&scenario, NULL);
    for (size_t i = 0; i < sizeof(designs) / sizeof(*designs); i++) {
        struct explore_outcome alone, outcome;
        struct explore_limits limits = explore_default_limits;

        explore(&scenario, designs[i], &limits, &alone);
        for (limits.jobs = 2; limits.jobs <= 3; limits.jobs++) {
            explore(&scenario, designs[i], &limits, &outcome);
            assert_int_equal(outcome.verdict, alone.verdict);
            assert_int_equal(outcome.states, alone.states);
            assert_int_equal(outcome.transitions, alone.transitions);
            assert_int_equal(outcome.ends, alone.ends);
            assert_int_equal(outcome.depth, alone.depth);
            assert_int_equal(outcome.trace_count, alone.trace_count);
            assert_memory_equal(outcome.trace, alone.trace, alone.trace_count * sizeof(*alone.trace));
            explore_outcome_free(&outcome);
        }
        explore_outcome_free(&alone);
    }
    scenario_free(&scenario);
}

/* The first seed with which random walks find a violation is set. */
static void explore_until_found(const struct scenario *scenario, struct explore_limits *limits,
                                struct explore_outcome *outcome)
{
    for (limits->seed = 1;; limits->seed++) {
        explore(scenario, "softirq-masked", limits, outcome);
        if (outcome->verdict == EXPLORE_VIOLATION)
            return;
        explore_outcome_free(outcome);
        assert_true(limits->seed < 20);
    }
}

/* Random walks find the violation with a short trace that can be replayed, for any number of workers; without one the
 * verdict is incomplete. */
static void test_random_walks(void **state)
{
    struct explore_limits limits = explore_default_limits;
    struct explore_outcome alone, outcome;
    struct scenario scenario;

    (void)state;
    EXPLORE_OR_SKIP();
    load(&scenario, NULL);
    limits.walks = 4000;
    explore_until_found(&scenario, &limits, &alone);
    assert_int_equal(alone.violation.kind, VIOLATION_LOST_INTERRUPT);
    assert_in_range(alone.trace_count, 33, 60); /* the shortest is 33 */
    limits.jobs = 2;
    explore(&scenario, "softirq-masked", &limits, &outcome);
    assert_int_equal(outcome.walks, alone.walks);
    assert_int_equal(outcome.transitions, alone.transitions);
    assert_int_equal(outcome.trace_count, alone.trace_count);
    assert_memory_equal(outcome.trace, alone.trace, alone.trace_count * sizeof(*alone.trace));
    explore_outcome_free(&alone);
    explore_outcome_free(&outcome);
    explore(&scenario, "softirq-requeue", &limits, &outcome);
    assert_int_equal(outcome.verdict, EXPLORE_INCOMPLETE);
    assert_string_equal(outcome.limit, "random");
    assert_int_equal(outcome.walks, limits.walks);
    assert_int_equal(outcome.ends, limits.walks);
    explore_outcome_free(&outcome);
    scenario_free(&scenario);
}

/* Builds that cannot explore say so. */
static void test_refusal(void **state)
{
    struct scenario scenario;
    struct explore_world world;
    char message[256] = "";

    (void)state;
    if (explore_state_is_supported())
        skip();
    load(&scenario, NULL);
    assert_false(explore_world_open(&world, &scenario, "softirq-masked", NULL, message, sizeof(message)));
    assert_non_null(strstr(message, "sanitizers"));
    scenario_free(&scenario);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_steady_state), cmocka_unit_test(test_what_it_takes), cmocka_unit_test(test_limits),
        cmocka_unit_test(test_golden_trace), cmocka_unit_test(test_replay_file),   cmocka_unit_test(test_restore),
        cmocka_unit_test(test_jobs),         cmocka_unit_test(test_random_walks),  cmocka_unit_test(test_refusal),
    };

    return cmocka_run_group_tests_name("explore", tests, NULL, NULL);
}
