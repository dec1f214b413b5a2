/* SPDX-License-Identifier: Apache-2.0
 *
 * Tests the slowest wake-ups of a hand-made recording.
 */
#define _GNU_SOURCE
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

#include <string.h>

#include "recorded_builder.h"
#include "trace/wakeups.h"

static const char *const threads[] = { "vhost-7", "hog" };

/* vm1 v0 is woken by vhost-7 of pCPU 1 at 100, 400 and 600, and runs on pCPU 0 at 130, 490 and 610; behind "hog" and
 * an interrupt the second time. */
static void make(struct recorded *recorded)
{
    uint32_t vm = trace_who(0, 0), vhost = builder_thread(0), hog = builder_thread(1), idle = builder_idle(0);

    builder_init(recorded, 2, 1, 1, threads, 2);
    builder_switch(recorded, 10, 1, builder_idle(1), STATE_RUNNABLE, vhost);
    builder_switch(recorded, 20, 0, vm, STATE_BLOCKED, idle);
    builder_wake(recorded, 100, 1, vm, 0);
    builder_switch(recorded, 130, 0, idle, STATE_RUNNABLE, vm);
    builder_switch(recorded, 200, 0, vm, STATE_BLOCKED, hog);
    builder_wake(recorded, 400, 1, vm, 0);
    builder_add(recorded, 450, 0, TRACE_IRQ_ENTRY, TRACE_NOBODY, 9, 0);
    builder_add(recorded, 460, 0, TRACE_IRQ_EXIT, TRACE_NOBODY, 9, 0);
    builder_switch(recorded, 490, 0, hog, STATE_RUNNABLE, vm);
    builder_switch(recorded, 500, 0, vm, STATE_BLOCKED, idle);
    builder_wake(recorded, 600, 1, vm, 0);
    builder_switch(recorded, 610, 0, idle, STATE_RUNNABLE, vm);
    recorded_finish(recorded);
}

static void the_slowest_comes_first_with_its_steps(void **state)
{
    static const char *const steps[] = { "vm1 v0 is woken, while vhost-7 is current here",
                                         "is runnable here, behind hog", "interrupt 9", "end of interrupt 9",
                                         "vm1 v0 runs" };
    struct slowest slowest;
    struct recorded recorded;

    (void)state;
    make(&recorded);
    slowest_init(&slowest, 2, 16);
    wakeups_slowest(&recorded, 0, CYCLES_NEVER, &slowest);
    assert_int_equal(slowest.count, 2);
    assert_int_equal(slowest.rows[0].flow.raise, 400);
    assert_int_equal(slowest.rows[0].end, 490);
    assert_int_equal(slowest.rows[1].flow.raise, 100);
    assert_string_equal(slowest.rows[0].wakes, "vm1 v0");
    assert_int_equal(slowest.rows[0].step_count, sizeof steps / sizeof *steps);
    for (size_t i = 0; i < slowest.rows[0].step_count; i++)
        assert_string_equal(slowest.rows[0].steps[i].text, steps[i]);
    slowest_free(&slowest);
    recorded_free(&recorded);
}

static void a_window_takes_those_that_end_in_it(void **state)
{
    struct slowest slowest;
    struct recorded recorded;

    (void)state;
    make(&recorded);
    slowest_init(&slowest, 5, 16);
    wakeups_slowest(&recorded, 500, 700, &slowest);
    assert_int_equal(slowest.count, 1);
    assert_int_equal(slowest.rows[0].flow.raise, 600);
    slowest_free(&slowest);
    recorded_free(&recorded);
}

int main(void)
{
    static const struct CMUnitTest tests[] = {
        cmocka_unit_test(the_slowest_comes_first_with_its_steps),
        cmocka_unit_test(a_window_takes_those_that_end_in_it),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
