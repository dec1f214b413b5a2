/* SPDX-License-Identifier: Apache-2.0
 *
 * Work queues in timed and in random runs: every program of workqueue_programs.h ends, or hangs, as it does under
 * Linux; and what the wake of a further worker costs.
 */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

#include "models/workqueue_programs.h"

#define COUNT(array) (sizeof(array) / sizeof(*(array)))
#define SEEDS 20

static void check(const struct wq_program *program, enum policy policy, uint64_t seed)
{
    static struct host_fixture fixture;
    const struct wq_scene *scene = wq_open(&fixture, program, policy, seed);
    char text[500];

    host_run(&fixture);
    if (wq_is_wrong(scene, text, sizeof(text)))
        fail_msg("%s, seed %u: %s", program->name, (unsigned)seed, text);
    if ((fixture.host->faults.deadlocks > 0) != (program->deadlock != NULL))
        fail_msg("%s, seed %u: %u deadlocks", program->name, (unsigned)seed, (unsigned)fixture.host->faults.deadlocks);
    bool hangs = host_deadlock.is_broken(&fixture.machine, text, sizeof(text));
    assert_int_equal(hangs, program->deadlock != NULL);
    if (hangs && strstr(text, program->deadlock) == NULL && strstr(text, "which it itself") == NULL)
        fail_msg("%s, seed %u: %s", program->name, (unsigned)seed, text);
    host_close(&fixture);
}

static void programs_end_as_under_linux(void **state)
{
    (void)state;
    for (size_t i = 0; i < COUNT(wq_programs); i++) {
        check(&wq_programs[i], POLICY_TIMED, 1);
        for (uint64_t seed = 1; seed <= SEEDS; seed++)
            check(&wq_programs[i], POLICY_RANDOM, seed);
    }
}

/* Costs of the fixture are 1000 each. An item begins a queue's cost after the one before it; if that one sleeps, a wake
 * and a switch later. A running worker needs nobody's help. */
static void a_further_worker_costs_a_wake_and_a_switch(void **state)
{
    static const struct {
        struct wq_program program;
        bool is_asleep;
        uint64_t wakes;
        cycles least;
    } rows[] = {
        { { "follows", 1, false, { "q0 q1" }, { "", "" }, { 1 }, { 1, 1 }, NULL }, false, 1, 1000 },
        { { "queued by it", 1, false, { "q0" }, { "q1", "" }, { 1 }, { 1, 1 }, NULL }, false, 1, 1000 },
        { { "asleep", 1, false, { "q0 q1" }, { "e0", "E0" }, { 1 }, { 1, 1 }, NULL }, true, 3, 3000 },
    };

    (void)state;
    for (size_t i = 0; i < COUNT(rows); i++) {
        static struct host_fixture fixture;
        const struct wq_scene *scene = wq_open(&fixture, &rows[i].program, POLICY_TIMED, 1);

        host_run(&fixture);
        cycles gap = scene->started[1] - (rows[i].is_asleep ? scene->waited[0] : scene->started[0]);
        if (gap < rows[i].least || gap > rows[i].least + 500)
            fail_msg("%s: %u cycles", rows[i].program.name, (unsigned)gap);
        assert_int_equal(fixture.host->statistics.wakes, rows[i].wakes);
        assert_int_equal(fixture.host->statistics.work_items, 2);
        host_close(&fixture);
    }
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(programs_end_as_under_linux),
        cmocka_unit_test(a_further_worker_costs_a_wake_and_a_switch),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
