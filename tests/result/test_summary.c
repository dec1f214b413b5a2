/* SPDX-License-Identifier: Apache-2.0
 *
 * The summary shows guests, interrupts and locks, omits empty columns and tables, and counts the remaining metrics.
 */
#define _GNU_SOURCE
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <cmocka.h>

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "result/report.h"
#include "result_samples.h"

static char *summary_of(const struct result *result)
{
    char *text;
    size_t bytes;
    FILE *out = open_memstream(&text, &bytes);
    result_print_summary(result, out, false);
    fclose(out);
    return text;
}

static void sections_stand_in_order(void **state)
{
    (void)state;
    struct result result = sample_result("domain-tasklet", 1, 3500);
    metrics_append(&result.metrics, "guests.busy.steal.percent", 1, 2);
    metrics_append(&result.metrics, "devices.vf.interrupts", 1600, 1);
    metrics_append(&result.metrics, "devices.vf.latency.p50_ns", 0, 0);
    metrics_append(&result.metrics, "devices.vf.latency.p90_ns", 0, 0);
    metrics_append(&result.metrics, "irq.latency.p90_ns", 500000, 1);
    metrics_append(&result.metrics, "irq.latency.p95_ns", 700000, 1);
    metrics_append(&result.metrics, "irq.latency.p999_ns", 2000000, 1);
    metrics_append(&result.metrics, "irq.latency.max_ns", 3000000, 1);
    metrics_append(&result.metrics, "cpus.guest.percent", 25, 1);
    char *text = summary_of(&result);
    assert_string_equal(text, "sample: domain-tasklet, seed 1\n"
                              "1.200 s simulated in 600.0 ms, 3000000 events, 2 x real time\n"
                              "\n"
                              "guests (% of time)  steal  running  runnable  blocked  offline\n"
                              "  busy               0.50        -         -        -        -\n"
                              "  idle              35.01    10.00     35.00    55.00     0.00\n"
                              "\n"
                              "lock time of guests (%)  of RUNNING\n"
                              "  idle                         8.75\n"
                              "\n"
                              "interrupts  raised  delivered  interrupts  lost\n"
                              "  all       100001      99991           -     0\n"
                              "  vf             -          -        1600     -\n"
                              "\n"
                              "latency of interrupts       p50       p90       p95       p99     p99.9       max\n"
                              "  all                  352.4 us  500.0 us  700.0 us  1.409 ms  2.000 ms  3.000 ms\n"
                              "  vf                          -         -         -         -         -         -\n"
                              "\n"
                              "locks           wait mean  hold p50\n"
                              "  tasklet_lock   7.005 us         -\n"
                              "\n"
                              "pCPUs (% of time)  share\n"
                              "  guest            25.00\n");
    free(text);
    result_free(&result);
}

/* What did not arrive is told below the interrupts, and a long list is cut. */
static void what_did_not_arrive_is_told(void **state)
{
    (void)state;
    struct result result;
    result_init(&result, "s", "d", 3, "");
    metrics_append(&result.metrics, "irq.lost", 5, 1);
    metrics_append(&result.metrics, "locks.l.acquisitions", 5, 1);
    result_add_stuck(&result, &(struct result_stuck){ "nic", 0, 5, true, "nowhere" });
    result_add_stuck(&result, &(struct result_stuck){ "nic", 12, 1, false, "in its eventfd" });
    char *text = summary_of(&result);
    assert_non_null(strstr(text, "\n\n"
                                 "interrupts  lost\n"
                                 "  all          5\n"
                                 "\n"
                                 "interrupts that did not arrive  fate     where           vector  count\n"
                                 "  nic                           lost     nowhere              0      5\n"
                                 "  nic                           pending  in its eventfd      12      1\n"
                                 "\n"
                                 "locks  taken\n"));
    free(text);
    for (uint64_t i = 0; i < 30; i++)
        result_add_stuck(&result, &(struct result_stuck){ "disk", i, 2, false, "in its eventfd" });
    text = summary_of(&result);
    assert_non_null(strstr(text, "      17      2\n  and 24 of 12 more vectors, in --json\n"));
    assert_null(strstr(text, "      18      2\n"));
    free(text);
    result_free(&result);
}

static void partial_and_unknown_are_told(void **state)
{
    (void)state;
    struct result result;
    result_init(&result, "s", "d", 3, "");
    metrics_append(&result.metrics, "engine.events", 1, 1);
    metrics_append(&result.metrics, "something.new", 1, 1);
    metrics_append(&result.metrics, "guests.", 1, 1);
    result.is_partial = true;
    result_add_axis(&result, "sockets", "8");
    char *text = summary_of(&result);
    assert_string_equal(text, "s: d, seed 3, sockets 8\n0 ns simulated, PARTIAL: interrupted before the end\n\n"
                              "2 more metrics in --json and --csv\n");
    free(text);
    result_free(&result);
}

static void overview_has_a_line_for_each_result(void **state)
{
    (void)state;
    struct result results[2] = { sample_result("domain-tasklet", 1, 3500), sample_result("softirq-requeue", 2, 0) };
    struct result_set set = { results, 2, 2 };
    char *text;
    size_t bytes;
    FILE *out = open_memstream(&text, &bytes);
    result_add_axis(&results[1], "sockets", "8");
    result_set_print_overview(&set, out, false);
    fclose(out);
    assert_string_equal(
        text,
        "scenario  cell       design           seed  idle steal %  idle running_lock %  irq lost  irq latency p50  irq "
        "latency p99  tasklet_lock wait mean\n"
        "sample               domain-tasklet      1         35.01                 8.75         0         352.4 us      "
        "   1.409 ms                7.005 us\n"
        "sample    sockets=8  softirq-requeue     2          0.02                 0.00         0         2.400 us      "
        "   9.000 us                    5 ns\n");
    free(text);
    result_free(&results[0]);
    result_free(&results[1]);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(sections_stand_in_order),
        cmocka_unit_test(what_did_not_arrive_is_told),
        cmocka_unit_test(partial_and_unknown_are_told),
        cmocka_unit_test(overview_has_a_line_for_each_result),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
