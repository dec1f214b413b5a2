/* SPDX-License-Identifier: Apache-2.0
 *
 * The report of an import, as text: every figure of a source and of its fit, in its column and its unit.
 */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

#include <stdio.h>

#include "trace/import.h"
#include "trace/recorded.h"
#include "trace/workload.h"

/* Two gaps of 10 us, two of 20 us and one of 40 us, works of 1 and 3 us by turns; and a source too short for a fit. */
static void every_figure_has_its_place(void **state)
{
    static struct workload_arrival arrivals[] = { { 0, 1000 },     { 10000, 3000 }, { 20000, 1000 },
                                                  { 40000, 3000 }, { 60000, 1000 }, { 100000, 3000 } };
    static const char expected[] =
        "0.001500 s, 1 pCPU\n"
        "\n"
        "interrupts  for    process   count    rate Hz  gap CoV  dispersion  gap p10 us   p50   p90   "
        "p99  fit differs  work mean us    CoV  fit differs\n"
        "nic         guest  recorded      6   50000.00    0.548           -        10.0  20.0  40.0  "
        "40.0            -         2.000  0.500            -\n"
        "                   poisson       6  159800.57    0.594           -         1.6   6.8  11.7  "
        "11.7         0.80         2.000  0.500         0.50\n"
        "rare        guest  recorded      2          -        -           -         0.0   0.0   0.0   "
        "0.0            -         2.000  0.500            -\n"
        "\n"
        "The scenario replays what was recorded; --fit has the fits. \"fit differs\": the largest "
        "difference of the two distributions, of gaps and of works; works are fitted as lognormal.\n"
        "nic: 2 of 6 woke the vCPU through qemu; raised when that thread did it\n"
        "rare: 1 of 2 woke the vCPU through vhost; raised when that thread did it\n"
        "\n"
        "ignored:\n"
        "  3 x call: it is not used\n"
        "  1 x mark: it has no time\n"
        "  7 x sleep: nothing explains it\n"
        "  2 x wake: it is late\n";
    struct workload_source sources[] = {
        { .name = "nic", .through = "qemu", .passed_on = 2, .arrivals = arrivals, .count = 6 },
        { .name = "rare", .through = "vhost", .passed_on = 1, .arrivals = arrivals, .count = 2 },
    };
    struct workload_task task = { .name = "guest" };
    struct workload_dropped dropped[] = { { .count = 7, .what = "sleep", .why = "nothing explains it" },
                                          { .count = 2, .what = "wake", .why = "it is late" } };
    struct recorded_ignored ignored[] = { { .count = 3, .what = "call", .why = "it is not used" },
                                          { .count = 1, .what = "mark", .why = "it has no time" } };
    struct workload workload = { .sources = sources,
                                 .source_count = 2,
                                 .tasks = &task,
                                 .task_count = 1,
                                 .dropped = dropped,
                                 .dropped_count = 2,
                                 .duration_ns = 1500000,
                                 .cpu_count = 1 };
    struct recorded recorded = { .ignored = ignored, .ignored_count = 2 };
    char text[3000];
    FILE *stream = tmpfile();

    (void)state;
    assert_non_null(stream);
    import_report(&workload, &recorded, false, stream, false);
    rewind(stream);
    text[fread(text, 1, sizeof(text) - 1, stream)] = '\0';
    assert_string_equal(text, expected);
    fclose(stream);
}

/* Four tasks: one that does what it did, one whose wake-ups cost more outside of the guest, one that polls and was not
 * followed into its guest, one that the simulation lacks; and others. */
static struct workload_task recorded_tasks[] = {
    { .name = "same",
      .who = 0,
      .running_ns = 100000,
      .runnable_ns = 10000,
      .blocked_ns = 890000,
      .wakes = 10,
      .interrupts = 10,
      .delays = 10,
      .delay_sum_ns = 50000,
      .delay_p99_ns = 9000 },
    { .name = "dear",
      .who = 1 << 16,
      .guest = 1,
      .running_ns = 100000,
      .runnable_ns = 30000,
      .blocked_ns = 870000,
      .guest_ns = 60000,
      .wakes = 10,
      .unknown_ns = 5000,
      .delays = 4,
      .delay_sum_ns = 50000,
      .delay_p99_ns = 9000 },
    { .name = "polls",
      .who = 2 << 16,
      .guest = 1,
      .vcpu = 1,
      .running_ns = 300000,
      .poll_ns = 200000,
      .blocked_ns = 700000,
      .wakes = 20 },
    { .name = "gone", .who = 3 << 16, .guest = 3, .running_ns = 1000000, .is_computing = true },
    { .name = "others-cpu0", .is_others = true },
};
static struct workload_task run_tasks[] = {
    { .name = "same",
      .who = 0,
      .running_ns = 105000,
      .runnable_ns = 29000,
      .blocked_ns = 866000,
      .wakes = 11,
      .interrupts = 10,
      .delays = 10,
      .delay_sum_ns = 54000,
      .delay_p99_ns = 9800 },
    { .name = "dear",
      .who = 1 << 16,
      .running_ns = 150000,
      .runnable_ns = 51000,
      .blocked_ns = 799000,
      .guest_ns = 60000,
      .wakes = 10,
      .interrupts = 3,
      .delays = 4,
      .delay_sum_ns = 60000,
      .delay_p99_ns = 12000 },
    { .name = "polls",
      .who = (1 << 16) + 1,
      .running_ns = 400000,
      .poll_ns = 200000,
      .blocked_ns = 600000,
      .wakes = 20 },
};
static struct workload_arrival arrivals[10];
static struct workload_source sources[] = {
    { .name = "nic", .task = 0, .arrivals = arrivals, .count = 10 },
    { .name = "wakes", .task = 1, .is_wakes = true, .arrivals = arrivals, .count = 3 },
};
static const struct {
    bool knows_waits;
    uint64_t unexplained_ns;
    size_t tasks;
    const char *text;
} compared[] = {
    { true, 60000, 5,
      "\n"
      "guest  figure                   recorded  simulated\n"
      "same   interrupts                     10         10\n"
      "       wake-ups                       10         11\n"
      "       running %                   10.00      10.50\n"
      "       runnable % (steal)           1.00       2.90\n"
      "       until it runs, mean us       5.00       5.40\n"
      "       until it runs, p99 us        9.00       9.80\n"
      "dear   interrupts, other wakes         3          3\n"
      "       wake-ups                       10         10\n"
      "       running %                   10.00      15.00  differs\n"
      "       runnable % (steal)           3.00       5.10  differs\n"
      "       until it runs, mean us      12.50      15.00  differs\n"
      "       until it runs, p99 us        9.00      12.00  differs\n"
      "polls  interrupts                      0          0\n"
      "       wake-ups                       20         20\n"
      "       running %                   10.00      20.00  differs\n"
      "       polling %                   20.00      20.00\n"
      "       runnable % (steal)           0.00       0.00\n"
      "       until it runs, mean us          -          -\n"
      "       until it runs, p99 us           -          -\n"
      "gone   interrupts                      0          0\n"
      "       wake-ups                        0          -\n"
      "       running %                  100.00          -\n"
      "       runnable % (steal)           0.00          -\n"
      "       until it runs, mean us          -          -\n"
      "       until it runs, p99 us           -          -\n"
      "\n"
      "5 figures differ by more than 10 % of what was recorded; runnable by more than 2 points\n"
      "dear: 4.00 us of each run were outside of the guest, and are 9.00 us here: the recording does not say "
      "what the hypervisor did there\n"
      "polls: each run took 5.00 us, and takes 10.00 us outside of the guest here, by a design whose wake-ups "
      "cost more\n"
      "dear: nothing is known of it in the first 0.000005 s, before it first ran\n"
      "runnable: for 1.2 % of the time no task ran where a vCPU waited, but interrupts, softirqs or the "
      "hypervisor; the scenario has those of its own devices\n"
      "other threads took 2.50 % of a pCPU's time from those that waited: guests others-cpu* replay it\n" },
    { false, 40000, 3,
      "\n"
      "guest  figure                   recorded  simulated\n"
      "same   interrupts                     10         10\n"
      "       wake-ups                       10         11\n"
      "       running %                   10.00      10.50\n"
      "       runnable % (steal)              -       2.90\n"
      "       until it runs, mean us       5.00       5.40\n"
      "       until it runs, p99 us        9.00       9.80\n"
      "dear   interrupts, other wakes         3          3\n"
      "       wake-ups                       10         10\n"
      "       running %                   10.00      15.00  differs\n"
      "       runnable % (steal)              -       5.10\n"
      "       until it runs, mean us      12.50      15.00  differs\n"
      "       until it runs, p99 us        9.00      12.00  differs\n"
      "polls  interrupts                      0          0\n"
      "       wake-ups                       20         20\n"
      "       running %                   10.00      20.00  differs\n"
      "       polling %                   20.00      20.00\n"
      "       runnable % (steal)              -       0.00\n"
      "       until it runs, mean us          -          -\n"
      "       until it runs, p99 us           -          -\n"
      "\n"
      "4 figures differ by more than 10 % of what was recorded; runnable by more than 2 points\n"
      "dear: 4.00 us of each run were outside of the guest, and are 9.00 us here: the recording does not say "
      "what the hypervisor did there\n"
      "polls: each run took 5.00 us, and takes 10.00 us outside of the guest here, by a design whose wake-ups "
      "cost more\n"
      "dear: nothing is known of it in the first 0.000005 s, before it first ran\n"
      "runnable: the recording has no sched_switch, so it cannot say how long a vCPU waited for its pCPU\n"
      "runnable: for 1.3 % of the time no task ran where a vCPU waited, but interrupts, softirqs or the "
      "hypervisor; the scenario has those of its own devices\n" },
};

static void every_difference_is_told(void **state)
{
    (void)state;
    for (size_t i = 0; i < sizeof(compared) / sizeof(*compared); i++) {
        struct workload workload = { .sources = sources,
                                     .source_count = 2,
                                     .tasks = recorded_tasks,
                                     .task_count = compared[i].tasks,
                                     .duration_ns = 1000000,
                                     .other_ns = 25000,
                                     .unexplained_ns = compared[i].unexplained_ns,
                                     .knows_waits = compared[i].knows_waits };
        struct workload simulated = { .tasks = run_tasks, .task_count = 3, .duration_ns = 1000000 };
        char text[6000];
        FILE *stream = tmpfile();

        assert_non_null(stream);
        import_compare(&workload, &simulated, stream, false);
        rewind(stream);
        text[fread(text, 1, sizeof(text) - 1, stream)] = '\0';
        fclose(stream);
        assert_string_equal(text, compared[i].text);
    }
}

int main(void)
{
    static const struct CMUnitTest tests[] = { cmocka_unit_test(every_figure_has_its_place),
                                               cmocka_unit_test(every_difference_is_told) };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
