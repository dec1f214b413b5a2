/* SPDX-License-Identifier: Apache-2.0
 *
 * Tests what the answer of a recording says of time in which events were lost.
 */
#define _GNU_SOURCE
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

#include "recorded_builder.h"
#include "trace/answer.h"

static const char *const threads[] = { "vhost-2340" };

static void make(struct answer *answer, struct recorded *recorded)
{
    char message[256] = "";

    assert_true(answer_make(answer, recorded, 0, CYCLES_NEVER, message, sizeof message));
}

/* Lost at 400, after the last event at 170: unknown until the exit or entry that tells more. */
static void lost_events_are_unknown(void **state)
{
    struct recorded recorded;
    struct answer answer;
    uint32_t vm1 = trace_who(0, 0), vhost = builder_thread(0);

    (void)state;
    builder_init(&recorded, 1, 1, 1, threads, 1);
    builder_switch(&recorded, 100, 0, vm1, STATE_RUNNABLE, vhost);
    builder_add(&recorded, 170, 0, TRACE_SOFTIRQ_ENTRY, TRACE_NOBODY, 3, 0);
    builder_add(&recorded, 400, 0, TRACE_DROPPED, TRACE_NOBODY, 5, 400);
    builder_switch(&recorded, 600, 0, vm1, STATE_BLOCKED, vhost);
    recorded.world.end = 1000;
    recorded_finish(&recorded);
    make(&answer, &recorded);
    assert_int_equal(answer.tasks[0].running, 100);
    assert_int_equal(answer.tasks[0].waiting, 70);
    assert_int_equal(answer.tasks[0].unknown, 430);
    assert_int_equal(answer.tasks[0].blocked, 400);
    answer_free(&answer);
    recorded_free(&recorded);
}

/* What a blocked vCPU did while events were lost is unknown, too; that it slept on afterwards is told by its wake-up.
 */
static void a_blocked_task_is_unknown_while_events_are_lost(void **state)
{
    struct recorded recorded;
    struct answer answer;
    uint32_t vm1 = trace_who(0, 0), vhost = builder_thread(0);

    (void)state;
    builder_init(&recorded, 1, 1, 1, threads, 1);
    builder_switch(&recorded, 100, 0, vm1, STATE_BLOCKED, vhost);
    builder_add(&recorded, 400, 0, TRACE_DROPPED, TRACE_NOBODY, 5, 400);
    builder_add(&recorded, 450, 0, TRACE_IRQ_ENTRY, TRACE_NOBODY, 1, 0);
    builder_add(&recorded, 460, 0, TRACE_IRQ_EXIT, TRACE_NOBODY, 1, 0);
    builder_wake(&recorded, 600, 0, vm1, 0);
    builder_switch(&recorded, 700, 0, vhost, STATE_BLOCKED, vm1);
    recorded.world.end = 1000;
    recorded_finish(&recorded);
    make(&answer, &recorded);
    assert_int_equal(answer.tasks[0].running, 400);
    assert_int_equal(answer.tasks[0].waiting, 100);
    assert_int_equal(answer.tasks[0].unknown, 350);
    assert_int_equal(answer.tasks[0].blocked, 150);
    answer_free(&answer);
    recorded_free(&recorded);
}

int main(void)
{
    static const struct CMUnitTest tests[] = {
        cmocka_unit_test(lost_events_are_unknown),
        cmocka_unit_test(a_blocked_task_is_unknown_while_events_are_lost),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
