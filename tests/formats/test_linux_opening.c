/* SPDX-License-Identifier: Apache-2.0
 *
 * Tests what is known to be under way where a recording of Linux, or the part of it to read, begins.
 */
#define _GNU_SOURCE
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

#include "recorded_text.h"

/* An interrupt or softirq whose beginning is missing was under way when the recording began, if nothing says that its
 * beginning is missing for another reason. */
static void what_ends_first_was_under_way(void **state)
{
#define FIRST "swapper 0/0 [001] 1.000000000: irq:softirq_raise: vec=3 [action=NET_RX]\n"
#define SWITCH \
    "a 1 [000] 1.000000500: sched_switch: prev_comm=a prev_pid=1 prev_prio=120 prev_state=S ==> next_comm=swapper/0 " \
    "next_pid=0 next_prio=120\n"
#define IRQ_END "swapper 0/0 [000] 1.000001000: irq:irq_handler_exit: irq=40 ret=handled\n"
#define SOFTIRQ_END "swapper 0/0 [000] 1.000003000: irq:softirq_exit: vec=3 [action=NET_RX]\n"
#define IRQ \
    "swapper 0/0 [002] 1.000200000: irq:irq_handler_entry: irq=40 name=nic\n" \
    "swapper 0/0 [002] 1.000201000: irq:irq_handler_exit: irq=40 ret=handled\n"
#define SOFTIRQ \
    "swapper 0/0 [002] 1.000202000: irq:softirq_entry: vec=3 [action=NET_RX]\n" \
    "swapper 0/0 [002] 1.000203000: irq:softirq_exit: vec=3 [action=NET_RX]\n"
    const struct row rows[] = {
        { "an interrupt", FIRST IRQ_END IRQ, WORK,
          "0@0 irq 40 0 #2\n0@0 line nic #2\n1000@0 /irq 40 0 #2\n200000@2 irq 40 0 #1\n200000@2 line nic #1\n"
          "201000@2 action nic 1 #1\n201000@2 /irq 40 0 #1\n" },
        { "a softirq", FIRST SOFTIRQ_END SOFTIRQ, WORK,
          "0@0 softirq NET_RX\n3000@0 /softirq NET_RX\n202000@2 softirq NET_RX\n203000@2 /softirq NET_RX\n" },
        { "an interrupt in a softirq", FIRST IRQ_END SOFTIRQ_END IRQ SOFTIRQ, WORK,
          "0@0 softirq NET_RX\n0@0 irq 40 0 #2\n0@0 line nic #2\n1000@0 /irq 40 0 #2\n3000@0 /softirq NET_RX\n"
          "200000@2 irq 40 0 #1\n200000@2 line nic #1\n201000@2 action nic 1 #1\n201000@2 /irq 40 0 #1\n"
          "202000@2 softirq NET_RX\n203000@2 /softirq NET_RX\n" },
        { "behind a switch", FIRST SWITCH IRQ_END SOFTIRQ_END SOFTIRQ, WORK,
          "202000@2 softirq NET_RX\n203000@2 /softirq NET_RX\n" },
        { "too late", FIRST "swapper 0/0 [000] 1.000100001: irq:softirq_exit: vec=3 [action=NET_RX]\n" SOFTIRQ, WORK,
          "202000@2 softirq NET_RX\n203000@2 /softirq NET_RX\n" },
        { "the second one",
          FIRST SOFTIRQ_END "swapper 0/0 [000] 1.000004000: irq:softirq_exit: vec=3 [action=NET_RX]\n" SOFTIRQ, WORK,
          "0@0 softirq NET_RX\n3000@0 /softirq NET_RX\n202000@2 softirq NET_RX\n203000@2 /softirq NET_RX\n" },
        { "a recorder that writes no beginnings", FIRST IRQ_END SOFTIRQ_END, WORK, "" },
        { "lost events", FIRST "CPU:0 [LOST 3 EVENTS]\n" SOFTIRQ_END SOFTIRQ, WORK,
          "202000@2 softirq NET_RX\n203000@2 /softirq NET_RX\n" },
    };

    (void)state;
    check_rows(rows, sizeof rows / sizeof *rows);
}

static void a_part_has_what_is_under_way(void **state)
{
    static const char text[] = "swapper 0/0 [000] 1.000000000: irq:softirq_entry: vec=3 [action=NET_RX]\n"
                               "swapper 0/0 [000] 1.000000050: irq:irq_handler_entry: irq=40 name=nic\n"
                               "swapper 0/0 [000] 1.000000150: irq:irq_handler_exit: irq=40 ret=handled\n"
                               "swapper 0/0 [000] 1.000000190: irq:softirq_exit: vec=3 [action=NET_RX]\n";
    struct recorded recorded;

    (void)state;
    assert_true(read_text(text, &(struct recording_choice){ .from_ns = 100 }, &recorded));
    assert_records(&recorded, WORK,
                   "0@0 softirq NET_RX\n0@0 irq 40 0 #1\n0@0 line nic #1\n50@0 action nic 1 #1\n50@0 /irq 40 0 #1\n"
                   "90@0 /softirq NET_RX\n");
    recorded_free(&recorded);
}

int main(void)
{
    static const struct CMUnitTest tests[] = {
        cmocka_unit_test(what_ends_first_was_under_way),
        cmocka_unit_test(a_part_has_what_is_under_way),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
