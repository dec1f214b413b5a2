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

#include <string.h>

#include "recorded_builder.h"
#include "trace/answer.h"

#define KIND(kind) (UINT64_C(1) << (kind))

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

/* Recorders tell how many events they lost, or only that they did. */
static void losses_are_told(void **state)
{
    static const struct {
        uint64_t lost, kinds;
        const char *sentence;
    } rows[] = {
        { 1, 0, "1 event the recorder lost: what" },
        { 34, KIND(TRACE_DROPPED), "34 events the recorder lost: what" },
        { 0, KIND(TRACE_DROPPED), "events that the recorder lost, their number unknown: what" },
        { 0, 0, "" },
    };

    (void)state;
    for (size_t i = 0; i < sizeof rows / sizeof *rows; i++) {
        char sentences[8][ANSWER_MISSING_BYTES];
        struct recorded recorded;
        const struct answer answer = { .recorded = &recorded };

        builder_init(&recorded, 1, 1, 1, threads, 1);
        recorded.lost = rows[i].lost;
        recorded.kinds = UINT64_MAX & ~KIND(TRACE_DROPPED); /* nothing else is missing */
        recorded.kinds |= rows[i].kinds;
        size_t count = answer_missing(&answer, sentences, 8);
        assert_int_equal(count, rows[i].sentence[0] != '\0');
        if (count > 0)
            assert_true(strncmp(sentences[0], rows[i].sentence, strlen(rows[i].sentence)) == 0);
        assert_int_equal(answer_missing(&answer, sentences, 0), 0);
        recorded.kinds = rows[i].kinds; /* now everything is */
        assert_int_equal(answer_missing(&answer, sentences, 3), 3);
        recorded_free(&recorded);
    }
}

/* Interrupts whose ends are missing, more than anyone nests: the time behind them is known again. */
static void ends_may_be_missing(void **state)
{
    struct recorded recorded;
    struct answer answer;
    uint32_t vm1 = trace_who(0, 0), vhost = builder_thread(0);

    (void)state;
    builder_init(&recorded, 1, 1, 1, threads, 1);
    builder_switch(&recorded, 100, 0, vm1, STATE_RUNNABLE, vhost);
    for (cycles time = 110; time < 170; time++)
        builder_add(&recorded, time, 0, TRACE_IRQ_ENTRY, TRACE_NOBODY, 1, 0);
    builder_switch(&recorded, 600, 0, vhost, STATE_BLOCKED, vm1);
    recorded.world.end = 1000;
    recorded_finish(&recorded);
    make(&answer, &recorded);
    assert_int_equal(answer.tasks[0].waiting, 500);
    assert_int_equal(answer.tasks[0].running, 500);
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

/* A softirq that was open when the gap began takes none of it, nor does one of another pCPU's wake-ups tell what a task
 * did there: the parts sum to the whole, and what is in the gap is unknown. */
static void nothing_in_a_gap_is_booked(void **state)
{
    struct recorded recorded;
    struct answer answer;
    uint32_t vm1 = trace_who(0, 0), vm2 = trace_who(1, 0), vhost = builder_thread(0);

    (void)state;
    builder_init(&recorded, 2, 2, 1, threads, 1);
    builder_switch(&recorded, 50, 0, vm2, STATE_BLOCKED, vm1);
    builder_switch(&recorded, 100, 0, vm1, STATE_RUNNABLE, vhost);
    builder_add(&recorded, 150, 0, TRACE_SOFTIRQ_ENTRY, TRACE_NOBODY, 3, 0);
    builder_add(&recorded, 170, 0, TRACE_WAKE, vhost, 0, 0); /* the last one before the gap */
    builder_add(&recorded, 170, 0, TRACE_DROPPED, TRACE_NOBODY, 5, 170);
    builder_wake(&recorded, 300, 1, vm2, 0);
    builder_add(&recorded, 600, 0, TRACE_IRQ_ENTRY, TRACE_NOBODY, 1, 0);
    builder_add(&recorded, 610, 0, TRACE_IRQ_EXIT, TRACE_NOBODY, 1, 0);
    builder_switch(&recorded, 700, 0, vhost, STATE_BLOCKED, vm1);
    recorded.world.end = 1000;
    recorded_finish(&recorded);
    make(&answer, &recorded);
    assert_int_equal(answer.count, 2);
    for (size_t i = 0; i < 2; i++) {
        const struct answer_task *task = &answer.tasks[i];
        assert_int_equal(task->running, task->who == vm1 ? 50 + 300 : 50);
        assert_int_equal(task->waiting, task->who == vm1 ? 50 + 70 : 0);
        assert_int_equal(task->blocked, task->who == vm1 ? 0 : 120);
        assert_int_equal(task->unknown, task->who == vm1 ? 530 : 830);
        for (size_t row = 0; row < task->row_count; row++)
            assert_true(task->rows[row].cause != CAUSE_SOFTIRQ || task->rows[row].time == 20);
    }
    answer_free(&answer);
    recorded_free(&recorded);
}

/* The first exit of a pCPU without an entry tells that the vCPU was in its guest; an entry, that it was not. */
static void the_first_event_tells_the_mode(void **state)
{
    (void)state;
    for (int is_exit = 0; is_exit < 2; is_exit++) {
        struct recorded recorded;
        struct answer answer;
        uint32_t vm1 = trace_who(0, 0), vhost = builder_thread(0);
        builder_init(&recorded, 1, 1, 1, threads, 1);
        builder_switch(&recorded, 100, 0, vhost, STATE_BLOCKED, vm1);
        builder_add(&recorded, 400, 0, is_exit ? TRACE_VMEXIT : TRACE_VMENTRY, vm1, 0, 0);
        builder_add(&recorded, 450, 0, is_exit ? TRACE_VMENTRY : TRACE_VMEXIT, vm1, 0, 0);
        builder_switch(&recorded, 700, 0, vm1, STATE_BLOCKED, vhost);
        builder_switch(&recorded, 800, 0, vhost, STATE_BLOCKED, vm1);
        builder_add(&recorded, 850, 0, TRACE_VMENTRY, vm1, 0, 0);
        recorded.world.end = 1000;
        recorded_finish(&recorded);
        make(&answer, &recorded);
        assert_int_equal(answer.tasks[0].running, 800);
        assert_int_equal(answer.tasks[0].own, is_exit ? 300 + 250 + 150 : 50 + 150);
        answer_free(&answer);
        recorded_free(&recorded);
    }
}

int main(void)
{
    static const struct CMUnitTest tests[] = {
        cmocka_unit_test(lost_events_are_unknown),    cmocka_unit_test(losses_are_told),
        cmocka_unit_test(ends_may_be_missing),        cmocka_unit_test(a_blocked_task_is_unknown_while_events_are_lost),
        cmocka_unit_test(nothing_in_a_gap_is_booked), cmocka_unit_test(the_first_event_tells_the_mode),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
