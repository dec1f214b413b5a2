/* SPDX-License-Identifier: Apache-2.0
 *
 * Tests what wake-ups, what comes soon after an interrupt and what lost events leave open become in recordings of real
 * machines.
 */
#define _GNU_SOURCE
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

#include <stdio.h>
#include <string.h>

#include "recorded_text.h"

/* A thread is woken, and by then another CPU may have been chosen for it. */
static const struct row wakings[] = {
    { "chosen at once",
      "a 1 [001] 1.000000000: sched_waking: comm=b pid=2 prio=120 target_cpu=001\n"
      "a 1 [001] 1.000000001: sched_wakeup: comm=b pid=2 prio=120 target_cpu=001\n",
      STATES, "0@1 wake b\n0@1 state b Sw@1\n" },
    { "chosen anew",
      "a 1 [001] 1.000000000: sched_waking: comm=b pid=2 prio=120 target_cpu=001\n"
      "a 1 [001] 1.000000001: sched_wakeup: comm=b pid=2 prio=120 target_cpu=003\n",
      STATES, "0@1 wake b\n0@1 state b Sw@1\n1@1 state b ww@3\n" },
    { "moved while it is runnable",
      "a 1 [001] 1.000000000: sched_waking: comm=b pid=2 prio=120 target_cpu=001\n"
      "a 1 [001] 1.000000001: sched_migrate_task: comm=b pid=2 prio=120 orig_cpu=1 dest_cpu=1\n"
      "a 1 [001] 1.000000002: sched_migrate_task: comm=b pid=2 prio=120 orig_cpu=1 dest_cpu=2\n",
      STATES, "0@1 wake b\n0@1 state b Sw@1\n2@1 state b ww@2\n" },
    { "moved while it is blocked",
      "a 1 [001] 1.000000000: sched_switch: prev_comm=a prev_pid=1 prev_prio=120 prev_state=S ==> next_comm=b "
      "next_pid=2 next_prio=120\n"
      "b 2 [001] 1.000000001: sched_migrate_task: comm=a pid=1 prio=120 orig_cpu=1 dest_cpu=2\n"
      "b 2 [001] 1.000000002: sched_waking: comm=a pid=1 prio=120 target_cpu=002\n",
      STATES, "0@1 state a RS@1\n0@1 state b wR@1\n2@1 wake a\n2@1 state a Sw@2\n" },
    { "a new one", "a 1 [001] 1.000000000: sched_wakeup_new: comm=b pid=2 prio=120 target_cpu=002\n", STATES,
      "0@1 wake b\n0@1 state b Ow@2\n" },
    { "twice, of two wake-ups",
      "a 1 [001] 1.000000000: sched_wakeup: comm=b pid=2 prio=120 target_cpu=001\n"
      "a 1 [001] 1.000000001: sched_wakeup: comm=b pid=2 prio=120 target_cpu=002\n",
      STATES, "0@1 wake b\n0@1 state b Sw@1\n1@1 wake b\n" },
};

/* Without softirqs, what comes soon after an interrupt is its doing, unless its CPU has switched. */
static const struct row soon[] = {
    { "at once",
      "a 1 [001] 1.000000000: irq_handler_entry: irq=16 name=x\n"
      "a 1 [001] 1.000000100: irq_handler_exit: irq=16 ret=handled\n"
      "a 1 [001] 1.000000200: sched_waking: comm=b pid=2 prio=120 target_cpu=001\n",
      KIND(TRACE_WAKE), "200@1 wake b #1\n" },
    { "after a switch",
      "a 1 [001] 1.000000000: irq_handler_entry: irq=16 name=x\n"
      "a 1 [001] 1.000000100: irq_handler_exit: irq=16 ret=handled\n"
      "a 1 [001] 1.000000150: sched_switch: prev_comm=a prev_pid=1 prev_prio=120 prev_state=S ==> next_comm=c "
      "next_pid=3 next_prio=120\n"
      "c 3 [001] 1.000000200: sched_waking: comm=b pid=2 prio=120 target_cpu=001\n",
      KIND(TRACE_WAKE), "200@1 wake b\n" },
};

static void what_comes_soon_after_an_interrupt(void **state)
{
    (void)state;
    check_rows(soon, sizeof soon / sizeof *soon);
}

static void a_waking_thread_may_move(void **state)
{
    (void)state;
    check_rows(wakings, sizeof wakings / sizeof *wakings);
}

/* What is under way when events are lost has ended with the CPU's last event. */
static void what_is_under_way_ends_where_events_are_lost(void **state)
{
    static const char text[] = "a 1 [001] 1.000000000: irq_handler_entry: irq=16 name=x\n"
                               "a 1 [001] 1.000000100: x: y\n"
                               "a 1 [001] 1.000000200: softirq_entry: vec=3 [action=NET_RX]\n"
                               "a 1 [001] 1.000000300: x: y\n"
                               "a 1 [001] 1.000000900: PERF_RECORD_LOST lost 34\n"
                               "a 1 [001] 1.000001000: softirq_exit: vec=3 [action=NET_RX]\n"
                               "a 1 [002] 1.000001100: irq_handler_entry: irq=17 name=z\n"
                               "a 1 [002] 1.000001200: x: y\n"
                               "a 1 [002] 1.000001300: PERF_RECORD_LOST lost 1\n"
                               "a 1 [002] 1.000001400: irq_handler_exit: irq=17 ret=handled\n";
    struct recorded recorded;

    (void)state;
    assert_true(read_text(text, &(struct recording_choice){ .allows_lost = true }, &recorded));
    assert_records(&recorded, 0,
                   "0@1 irq 16 0 #1\n0@1 line x #1\n0@1 /irq 16 0 #1\n200@1 softirq NET_RX\n300@1 /softirq NET_RX\n"
                   "300@1 dropped 34 300\n1100@2 irq 17 0 #2\n1100@2 line z #2\n1100@2 /irq 17 0 #2\n"
                   "1200@2 dropped 1 1200\n");
    recorded_free(&recorded);
}

int main(void)
{
    static const struct CMUnitTest tests[] = {
        cmocka_unit_test(a_waking_thread_may_move),
        cmocka_unit_test(what_comes_soon_after_an_interrupt),
        cmocka_unit_test(what_is_under_way_ends_where_events_are_lost),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
