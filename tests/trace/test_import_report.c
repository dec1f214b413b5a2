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

int main(void)
{
    static const struct CMUnitTest tests[] = { cmocka_unit_test(every_figure_has_its_place) };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
