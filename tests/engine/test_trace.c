/* SPDX-License-Identifier: Apache-2.0
 *
 * The order of trace records, the limit of their number, and a trace that is off.
 */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

#include "engine/trace.h"

struct seen {
    struct trace_record records[64];
    size_t count;
};

static void see(void *context, const struct trace_record *records, size_t count)
{
    struct seen *seen = context;

    assert_true(seen->count + count <= 64);
    for (size_t i = 0; i < count; i++)
        seen->records[seen->count++] = records[i];
}

static void put(struct trace *trace, cycles time, enum trace_kind kind, uint16_t cpu, uint32_t a)
{
    trace_write(trace, (struct trace_record){ .time = time, .a = a, .kind = (uint16_t)kind, .cpu = cpu });
}

static void check(const struct seen *seen, const uint32_t *wanted, const cycles *times, size_t count)
{
    assert_int_equal(seen->count, count);
    for (size_t i = 0; i < count; i++) {
        assert_int_equal(seen->records[i].a, wanted[i]);
        assert_int_equal(seen->records[i].time, times[i]);
    }
}

/* CPU 0 was ahead when it emitted its second record, and was then interrupted at an earlier time. */
static void a_cpu_keeps_its_order(void **state)
{
    struct seen seen = { .count = 0 };
    struct trace trace;

    (void)state;
    trace_init(&trace, TRACE_ALL_KINDS, 2, 100);
    put(&trace, 10, TRACE_WAKE, 0, 1);
    put(&trace, 30, TRACE_WAKE, 0, 2);
    put(&trace, 22, TRACE_WAKE, 1, 3);
    put(&trace, 25, TRACE_ACCEPT, 0, 4); /* not emitted by the CPU itself: exact, at the clock's time */
    put(&trace, 20, TRACE_IRQ_ENTRY, 0, 5);
    trace_drain(&trace, 100, see, &seen);
    check(&seen, (uint32_t[]){ 1, 2, 5, 3, 4 }, (cycles[]){ 10, 20, 20, 22, 25 }, 5);
    trace_free(&trace);
}

static void what_is_not_final_waits(void **state)
{
    struct seen seen = { .count = 0 };
    struct trace trace;

    (void)state;
    trace_init(&trace, TRACE_ALL_KINDS, 2, 100);
    trace_hold(&trace, 1, 40);
    put(&trace, 50, TRACE_WAKE, 0, 1);
    put(&trace, 120, TRACE_WAKE, 0, 2);
    trace_drain(&trace, 100, see, &seen);
    assert_int_equal(seen.count, 0);
    put(&trace, 40, TRACE_RUNSTATE, 1, 3);
    trace_release(&trace, 1);
    trace_drain(&trace, 110, see, &seen);
    check(&seen, (uint32_t[]){ 3, 1 }, (cycles[]){ 40, 50 }, 2);
    trace_finish(&trace, 130, see, &seen);
    assert_int_equal(seen.count, 3);
    trace_free(&trace);
}

static void many_are_sorted_stably(void **state)
{
    struct trace trace;
    struct seen seen;

    (void)state;
    for (size_t count = 1; count <= 64; count++) {
        seen.count = 0;
        trace_init(&trace, TRACE_ALL_KINDS, 64, 1000);
        for (size_t i = 0; i < count; i++)
            put(&trace, (i * 37 % 11) + 1, TRACE_WAKE, (uint16_t)i, (uint32_t)i);
        trace_drain(&trace, 100, see, &seen);
        assert_int_equal(seen.count, count);
        for (size_t i = 1; i < count; i++) {
            assert_true(seen.records[i - 1].time <= seen.records[i].time);
            assert_true(seen.records[i - 1].time < seen.records[i].time || seen.records[i - 1].a < seen.records[i].a);
        }
        trace_free(&trace);
    }
}

static void what_does_not_fit_is_counted(void **state)
{
    struct seen seen = { .count = 0 };
    struct trace trace;

    (void)state;
    trace_init(&trace, TRACE_ALL_KINDS, 1, 2);
    for (uint32_t i = 1; i <= 5; i++)
        put(&trace, i, TRACE_WAKE, 0, i);
    put(&trace, 6, TRACE_RUNSTATE, 0, 6); /* never dropped */
    trace_drain(&trace, 10, see, &seen);
    check(&seen, (uint32_t[]){ 1, 2, 6 }, (cycles[]){ 1, 2, 6 }, 3);
    assert_int_equal(trace.dropped, 3);
    trace_drain(&trace, 20, see, &seen);
    assert_int_equal(seen.count, 4);
    assert_int_equal(seen.records[3].kind, TRACE_DROPPED);
    assert_int_equal(seen.records[3].a, 3);
    assert_int_equal(seen.records[3].b, 3);
    trace_free(&trace);
}

static void other_kinds_are_not_recorded(void **state)
{
    struct seen seen = { .count = 0 };
    struct trace trace;

    (void)state;
    trace_init(&trace, UINT64_C(1) << TRACE_WAKE, 1, 10);
    put(&trace, 1, TRACE_BLOCK, 0, 1);
    put(&trace, 2, TRACE_WAKE, 0, 2);
    trace_drain(&trace, 10, see, &seen);
    check(&seen, (uint32_t[]){ 2 }, (cycles[]){ 2 }, 1);
    trace_free(&trace);
}

static void off_gives_no_numbers(void **state)
{
    (void)state;
    assert_int_equal(trace_flow_new(NULL), 0);
    assert_int_equal(trace_lock_new(NULL, "lock", 3), 0);
}

int main(void)
{
    static const struct CMUnitTest tests[] = {
        cmocka_unit_test(a_cpu_keeps_its_order),        cmocka_unit_test(what_is_not_final_waits),
        cmocka_unit_test(many_are_sorted_stably),       cmocka_unit_test(what_does_not_fit_is_counted),
        cmocka_unit_test(other_kinds_are_not_recorded), cmocka_unit_test(off_gives_no_numbers),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
