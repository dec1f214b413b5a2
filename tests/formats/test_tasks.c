/* SPDX-License-Identifier: Apache-2.0
 *
 * Tests the conversion of runstate changes to task switches and wakings.
 */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

#include "formats/tasks.h"

enum { IDLE = TRACE_IDLE_DOMAIN << 16, V0 = 2 << 16 };

static void runstates_become_switches(void **state)
{
    static const struct {
        enum trace_kind kind;
        uint32_t vcpu, a;
        bool is_event;
        struct task_event event;
    } rows[] = {
        { TRACE_VCPU, 1, 0, false, { 0 } }, /* idle runs */
        { TRACE_VCPU, 0, 2, false, { 0 } }, /* v0 is blocked */
        { TRACE_RUNSTATE, 0, 2 * 16 + 1, true, { TASK_WAKING, 0, IDLE, TASK_RUNNABLE, V0 } },
        { TRACE_RUNSTATE, 1, 0 * 16 + 1, false, { 0 } }, /* idle leaves */
        { TRACE_RUNSTATE, 0, 1 * 16 + 0, true, { TASK_SWITCH, 0, IDLE, TASK_RUNNABLE, V0 } },
        { TRACE_RUNSTATE, 0, 0 * 16 + 2, false, { 0 } }, /* v0 blocks */
        { TRACE_RUNSTATE, 1, 1 * 16 + 0, true, { TASK_SWITCH, 0, V0, TASK_SLEEPING, IDLE } },
        { TRACE_WAKE, 0, 0, false, { 0 } },
    };
    struct task_view view;

    (void)state;
    task_view_init(&view, 1);
    for (size_t i = 0; i < sizeof rows / sizeof *rows; i++) {
        struct trace_record record = { .kind = (uint16_t)rows[i].kind,
                                       .a = rows[i].a,
                                       .who = rows[i].vcpu == 0 ? V0 : IDLE };
        struct task_event event;
        assert_int_equal(task_view_follow(&view, &record, &event), rows[i].is_event);
        if (rows[i].is_event)
            assert_memory_equal(&event, &rows[i].event, sizeof event);
    }
    task_view_free(&view);
}

static void names_fit(void **state)
{
    struct trace_domain domains[] = { { .name = "idle.3" }, { .name = "a-very-long-name-of-a-guest.12" } };
    struct trace_thread threads[] = { { .name = "kworker/0:1" }, { .name = "a-very-long-name-of-a-thread" } };
    struct trace_world world = { .domains = domains, .domain_count = 2, .threads = threads, .thread_count = 2 };
    struct task_table table;
    char name[TASK_NAME_BYTES];

    (void)state;
    assert_string_equal(task_name(&world, trace_who(0, 7), name), "idle.3v7");
    assert_string_equal(task_name(&world, trace_who(1, 101), name), "a-very-longv101");
    assert_string_equal(task_name(&world, trace_who(TRACE_IDLE_DOMAIN, 3), name), "<idle>");
    assert_int_equal(task_pid(trace_who(1, 101)), 2101);
    assert_int_equal(task_pid(trace_who(1, TRACE_WHOLE_DOMAIN)), 2000);
    assert_int_equal(task_pid(TRACE_NOBODY), 0);
    assert_string_equal(task_name(&world, trace_who(TRACE_THREADS, 0), name), "kworker/0:1");
    assert_string_equal(task_name(&world, trace_who(TRACE_THREADS, 1), name), "a-very-long-nam");
    assert_int_not_equal(task_pid(trace_who(TRACE_THREADS, 0)), task_pid(trace_who(TRACE_THREADS, 1)));
    task_table_init(&table, &world);
    assert_string_equal(task_row(&table, trace_who(TRACE_THREADS, 0))->name, "kworker/0:1");
    assert_string_equal(task_row(&table, TRACE_NOBODY)->name, "<idle>");
    assert_int_equal(task_row(&table, trace_who(0, TRACE_WHOLE_DOMAIN))->pid, 1000);
    task_table_free(&table);
}

static void the_quick_clock_is_exact(void **state)
{
    static const uint64_t frequencies[] = { 1,          2,          3,          500000000,  999999937, 1000000000,
                                            2130000000, 2400000000, 2500000000, 2393999871, 1ull << 32 };
    static const cycles times[] = {
        0, 1, 2, 3, 7, 1199, 2393999870, 18446744073, 7686143364045646503, UINT64_MAX / 4, 1ull << 62
    };
    struct task_clock clock;

    (void)state;
    for (size_t f = 0; f < sizeof frequencies / sizeof *frequencies; f++)
        for (size_t i = 0; i < sizeof times / sizeof *times; i++) {
            task_clock_init(&clock, frequencies[f]);
            assert_int_equal(task_clock_ns(&clock, times[i]), cycles_to_ns(times[i], frequencies[f]));
        }
    for (size_t f = 0; f < sizeof frequencies / sizeof *frequencies; f++) {
        task_clock_init(&clock, frequencies[f]);
        for (uint32_t bits = 1; bits < CYCLES_BITS; bits++) /* where the result may round either way, and a few more */
            for (cycles near = 0; near < 5; near++) {
                cycles when = (((cycles)1 << bits) - 1) / clock.half_denominator * clock.half_denominator + near;
                assert_int_equal(task_clock_ns(&clock, when), cycles_to_ns(when, frequencies[f]));
            }
    }
}

int main(void)
{
    static const struct CMUnitTest tests[] = {
        cmocka_unit_test(runstates_become_switches),
        cmocka_unit_test(names_fit),
        cmocka_unit_test(the_quick_clock_is_exact),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
