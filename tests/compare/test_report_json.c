/* SPDX-License-Identifier: Apache-2.0
 *
 * The JSON of a comparison.
 */
#define _GNU_SOURCE
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <cmocka.h>

#include <stdlib.h>
#include <string.h>

#include "compare/report_parts.h"
#include "compare/two_designs.h"
#include "result/report.h"

/* A metric for each verdict, one that scatters, one that the base alone has, and wall-clock times of which the means
 * are round. */
static void make_verdicts(struct result results[2 * SEEDS])
{
    for (size_t i = 0; i < 2 * SEEDS; i++) {
        struct result *result = &results[i];
        bool is_new = i >= SEEDS;
        uint64_t n = i % SEEDS + 1;

        result_init(result, "s", is_new ? "new" : "old", n, "headline:\n  - irq.latency.max_ns\n  - irq.lost\n");
        result->is_partial = i == 2 * SEEDS - 1;
        result->simulated_ns = n * 2000000000;
        result->wall = (struct result_wall){ .seconds = (double)n,
                                             .events = 100 * n,
                                             .measured_seconds = 0.5 * (double)n,
                                             .interrupts = 1000 * n,
                                             .ticks = 4000 * n,
                                             .peak_rss_bytes = 1000 * (4 - n) };
        metrics_append(&result->metrics, "guests.g.steal.percent", (is_new ? 100 : 1000) + n, 100);
        metrics_append(&result->metrics, "irq.delivered", is_new ? 90 : 100, 1);
        metrics_append(&result->metrics, "irq.lost", 0, 1);
        metrics_append(&result->metrics, "irq.latency.mean_ns", 100, is_new && n == 2 ? 0 : 1);
        metrics_append(&result->metrics, "irq.latency.max_ns", is_new ? 100 * n * n : 110 * (4 - n), 1);
        metrics_append(&result->metrics, "engine.events", 5, 1);
        if (!is_new)
            metrics_append(&result->metrics, "locks.old.waiters.max", 3, 1);
    }
}

/* As tests/compare/documents.json has it, rounded as there. */
static void the_document_has_every_field(void **state)
{
    enum { LAYOUT = JSON_SORT_KEYS | JSON_INDENT(1) | JSON_REAL_PRECISION(6) };
    static const struct {
        size_t seeds;
        double until_percent;
    } rows[] = { { SEEDS, 5 }, { 1, 0 } };
    json_t *found = json_array(), *expected = json_load_file(SOURCE_DIR "/tests/compare/documents.json", 0, NULL);

    assert_non_null(expected);

    (void)state;
    for (size_t i = 0; i < sizeof rows / sizeof rows[0]; i++) {
        struct result results[2 * SEEDS];
        struct comparison comparison;

        make_verdicts(results);
        make_comparison(&comparison, results, rows[i].seeds);
        comparison.until_percent = rows[i].until_percent;
        json_array_append_new(found, comparison_to_json(&comparison));
        comparison_free(&comparison);
        free_results(results, 2 * SEEDS);
    }
    char *text = json_dumps(found, LAYOUT), *expected_text = json_dumps(expected, LAYOUT);
    assert_string_equal(text, expected_text);
    free(text);
    free(expected_text);
    json_decref(found);
    json_decref(expected);
}

int main(void)
{
    const struct CMUnitTest tests[] = { cmocka_unit_test(the_document_has_every_field) };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
