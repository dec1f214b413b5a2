/* SPDX-License-Identifier: Apache-2.0
 *
 * Lists of metrics: names, growth, the one division, and that histograms are copied.
 */
#include "base/metric.h"

#include <math.h>
#include <stdio.h>

#include "base/histogram.h"
#include "death.h"

static void rows_are_found_by_name(void **state)
{
    static const struct {
        uint64_t numerator, denominator;
        double value;
    } rows[] = { { 1, 3, 1.0 / 3 }, { 0, 5, 0 }, { 7, 1, 7 }, { UINT64_MAX, UINT64_MAX, 1 } };
    struct metrics metrics;

    (void)state;
    metrics_init(&metrics);
    for (uint32_t i = 0; i < 4; i++)
        metric_ratio(&metrics, rows[i].numerator, rows[i].denominator, "guests.%s%u.percent", "g", i);
    metric_count(&metrics, 12, "irq.raised");
    metric_ratio(&metrics, 3, 0, "irq.none");

    assert_int_equal(metrics.count, 6);
    for (uint32_t i = 0; i < 4; i++) {
        char name[96];

        (void)snprintf(name, sizeof(name), "guests.g%u.percent", i);
        assert_non_null(metric_find(&metrics, name));
        assert_true(metric_value(metric_find(&metrics, name)) == rows[i].value);
        assert_ptr_equal(metric_find(&metrics, name), &metrics.rows[i]);
    }
    assert_true(metric_value(metric_find(&metrics, "irq.raised")) == 12);
    assert_true(isnan(metric_value(metric_find(&metrics, "irq.none"))));
    assert_null(metric_find(&metrics, "irq"));
    metrics_free(&metrics);
    assert_int_equal(metrics.count, 0);
}

static void lists_grow(void **state)
{
    static struct histogram histogram;
    struct metrics metrics;

    (void)state;
    histogram_init(&histogram);
    metrics_init(&metrics);
    for (uint32_t i = 0; i < 1000; i++)
        metric_count(&metrics, i, "n%u", i);
    for (uint32_t i = 0; i < 200; i++) {
        histogram_record(&histogram, i);
        metric_distribution(&metrics, &histogram, "h%u", i);
    }
    assert_int_equal(metrics.count, 1000);
    assert_int_equal(metrics.histogram_count, 200);
    for (uint32_t i = 0; i < 1000; i++)
        assert_int_equal(metrics.rows[i].numerator, i);
    for (uint32_t i = 0; i < 200; i++)
        assert_int_equal(metrics.histograms[i].histogram->count, i + 1); /* a copy each */
    assert_string_equal(metrics.histograms[199].name, "h199");
    metrics_free(&metrics);
}

static void add_twice(void *argument)
{
    struct metrics metrics;

    metrics_init(&metrics);
    metric_count(&metrics, 1, "%s", (const char *)argument);
    metric_count(&metrics, 2, "%s", (const char *)argument);
}

static void distribution_twice(void *argument)
{
    static struct histogram histogram;
    struct metrics metrics;

    histogram_init(&histogram);
    metrics_init(&metrics);
    metric_distribution(&metrics, &histogram, "%s", (const char *)argument);
    metric_distribution(&metrics, &histogram, "%s", (const char *)argument);
}

static void bad_names_are_caught(void **state)
{
    char long_name[100];

    (void)state;
    memset(long_name, 'x', 96);
    long_name[96] = '\0';
    assert_check_fails(add_twice, "same", "metric_find");
    assert_check_fails(add_twice, "", "length");
    assert_check_fails(add_twice, long_name, "length");
    assert_check_fails(distribution_twice, "same", "strcmp");
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(rows_are_found_by_name),
        cmocka_unit_test(lists_grow),
        cmocka_unit_test(bad_names_are_caught),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
