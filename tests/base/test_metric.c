/* SPDX-License-Identifier: Apache-2.0
 *
 * Metrics: reporting a record through its rows, names made from patterns, growing lists, division by zero, and that
 * histograms are copied.
 */
#include "base/metric.h"

#include <math.h>
#include <stdio.h>
#include <string.h>

#include "base/histogram.h"
#include "death.h"

/* --- rows --- */

struct inner {
    uint64_t counts[2];
};

struct record {
    uint64_t whole;
    struct inner inner;
    struct histogram *histogram;
};

static const struct metric_row rows[] = {
    { "x.A.count", "count", METRIC_NEUTRAL, "", METRIC_AT(struct record, inner.counts[1]) },
    { "x.A.time_ns", "ns", METRIC_LOWER, "", METRIC_CYCLES_AT(struct record, inner.counts[1]) },
    { "x.A.share.percent", "%", METRIC_LOWER, "", METRIC_PER(struct record, inner.counts[0], whole) },
    { "x.A.each", "ratio", METRIC_LOWER, "", METRIC_PER(struct record, inner.counts[0], inner.counts[1]) },
    { "x.A.each_ns", "ns", METRIC_LOWER, "", METRIC_CYCLES_PER(struct record, inner.counts[1], whole) },
    { "x.A.h", "ns", METRIC_NEUTRAL, "", METRIC_OF(struct record, histogram, DISTRIBUTION) },
    { "x.A.h.count", "count", METRIC_NEUTRAL, "", METRIC_OF(struct record, histogram, COUNT) },
    { "x.A.h.mean_ns", "ns", METRIC_LOWER, "", METRIC_OF(struct record, histogram, MEAN) },
    { "x.A.h.p50_ns", "ns", METRIC_LOWER, "", METRIC_QUANTILE(struct record, histogram, 5000) },
    { "x.A.h.max_ns", "ns", METRIC_LOWER, "", METRIC_QUANTILE(struct record, histogram, 10000), .is_cycles = true },
};
static const struct metric_table table = METRIC_TABLE(rows);

static void rows_say_where_their_number_stands(void **state)
{
    static const struct {
        const char *name;
        uint64_t numerator, denominator;
    } expected[] = {
        { "x.one.count", 30, 1 },     { "x.one.time_ns", 15, 1 },  { "x.one.share.percent", 700, 50 },
        { "x.one.each", 7, 30 },      { "x.one.each_ns", 15, 50 }, { "x.one.h.count", 3, 1 },
        { "x.one.h.mean_ns", 12, 3 }, { "x.one.h.p50_ns", 4, 1 },  { "x.one.h.max_ns", 3, 1 },
    };
    static struct histogram histogram;
    struct record record = { .whole = 50, .inner = { { 7, 30 } }, .histogram = &histogram };
    struct metrics metrics;

    (void)state;
    histogram_init(&histogram);
    histogram_record(&histogram, 2);
    histogram_record(&histogram, 4);
    histogram_record(&histogram, 6);
    metrics_init(&metrics);
    metrics_report(&metrics, &table, &record, 2000000000, "one");
    assert_int_equal(metrics.count, sizeof expected / sizeof *expected);
    for (size_t i = 0; i < metrics.count; i++) {
        assert_string_equal(metrics.rows[i].name, expected[i].name);
        assert_int_equal(metrics.rows[i].numerator, expected[i].numerator);
        assert_int_equal(metrics.rows[i].denominator, expected[i].denominator);
    }
    assert_int_equal(metrics.histogram_count, 1);
    assert_string_equal(metrics.histograms[0].name, "x.one.h");
    assert_memory_equal(metrics.histograms[0].histogram, &histogram, sizeof histogram);
    metrics_free(&metrics);
}

struct timed {
    struct histogram *latency;
};

/* Six numbers of a histogram, each at least the one before; null without a value. */
static void percentiles_ascend(void **state)
{
    static const struct metric_row latency[] = { METRIC_PERCENTILES("x.t", "a time", struct timed, latency) };
    static const char *const names[] = { "x.t.p50_ns", "x.t.p90_ns",  "x.t.p95_ns",
                                         "x.t.p99_ns", "x.t.p999_ns", "x.t.max_ns" };
    static const struct metric_table one = METRIC_TABLE(latency);
    static const uint64_t expected[] = { 50, 90, 95, 99, 100, 100 };
    static struct histogram histogram;
    const struct timed record = { &histogram };
    struct metrics metrics;

    (void)state;
    histogram_init(&histogram);
    for (uint64_t filled = 0; filled < 2; filled++) {
        metrics_init(&metrics);
        metrics_report(&metrics, &one, &record, 1, NULL);
        assert_int_equal(metrics.count, sizeof names / sizeof *names);
        for (size_t i = 0; i < metrics.count; i++) {
            assert_string_equal(metrics.rows[i].name, names[i]);
            assert_int_equal(metrics.rows[i].denominator, filled);
            assert_int_equal(metrics.rows[i].numerator, filled * expected[i]);
        }
        metrics_free(&metrics);
        for (uint64_t value = 1; value <= 100; value++)
            histogram_record(&histogram, value);
    }
}

static void patterns_stand_for_names(void **state)
{
    static const struct {
        const char *pattern, *name;
        bool matches;
    } cases[] = {
        { "guests.G.steal.percent", "guests.idle.steal.percent", true },
        { "guests.G.steal.percent", "guests.with.dots.steal.percent", true },
        { "guests.G.steal.percent", "guests..steal.percent", false },
        { "guests.G.steal.percent", "guests.idle.steal.percentx", false },
        { "guests.G.steal.percent", "guests.idle.steal", false },
        { "guests.G.steal.percent", "guests.G.steal.percent", true },
        { "irq.lost", "irq.lost", true },
        { "irq.LOST", "irq.x", false },
    };

    (void)state;
    for (size_t i = 0; i < sizeof cases / sizeof *cases; i++)
        assert_int_equal(metric_name_matches(cases[i].pattern, cases[i].name), cases[i].matches);
}

static void report_number(const char *pattern, enum metric_source source, const char *name, uint64_t number)
{
    const struct metric_row row = { pattern, "count", METRIC_NEUTRAL, "", .source = source };
    const struct metric_table one = { &row, 1 };
    struct metrics metrics;

    metrics_init(&metrics);
    metrics_report(&metrics, &one, &number, 0, name);
}

static void without_a_name(void *pattern) { report_number(pattern, METRIC_SOURCE_NUMBER, NULL, 1); }
static void with_a_name(void *pattern) { report_number(pattern, METRIC_SOURCE_NUMBER, "name", 1); }
static void without_a_source(void *pattern) { report_number(pattern, METRIC_SOURCE_ELSEWHERE, NULL, 1); }
static void below_zero(void *pattern) { report_number(pattern, METRIC_SOURCE_NUMBER, NULL, (uint64_t)-1); }

static void bad_reports_are_caught(void **state)
{
    char pattern[] = "x.A.y", constant[] = "x.y";

    (void)state;
    assert_check_fails(without_a_name, pattern, "wildcard");
    assert_check_fails(with_a_name, constant, "wildcard");
    assert_check_fails(without_a_source, constant, "number in the record");
    assert_check_fails(below_zero, constant, "INT64_MAX");
}

static void records_of_counters_add_up(void **state)
{
    struct inner sum = { { 1, UINT64_MAX } }, more = { { 2, 5 } };

    (void)state;
    counters_add(&sum, &more, sizeof sum);
    assert_int_equal(sum.counts[0], 3);
    assert_int_equal(sum.counts[1], 4);
}

/* --- lists --- */

static void metrics_are_found_by_name(void **state)
{
    static const struct {
        const char *name;
        uint64_t numerator, denominator;
        double value;
    } cases[] = { { "a", 1, 3, 1.0 / 3 },
                  { "a.b", 0, 5, 0 },
                  { "irq.raised", 7, 1, 7 },
                  { "x.percent", UINT64_MAX, UINT64_MAX, 1 } };
    struct metrics metrics;

    (void)state;
    metrics_init(&metrics);
    for (uint32_t i = 0; i < 4; i++)
        metrics_append(&metrics, cases[i].name, cases[i].numerator, cases[i].denominator);
    metrics_append(&metrics, "irq.none", 3, 0);
    assert_int_equal(metrics.count, 5);
    for (uint32_t i = 0; i < 4; i++) {
        assert_ptr_equal(metric_find(&metrics, cases[i].name), &metrics.rows[i]);
        assert_true(metric_value(&metrics.rows[i]) == cases[i].value);
    }
    assert_true(isnan(metric_value(metric_find(&metrics, "irq.none"))));
    assert_null(metric_find(&metrics, "irq"));
    metrics_free(&metrics);
    assert_int_equal(metrics.count, 0);
}

static void lists_grow(void **state)
{
    static struct histogram histogram;
    struct metrics metrics;
    char name[METRIC_NAME_BYTES];

    (void)state;
    histogram_init(&histogram);
    metrics_init(&metrics);
    for (uint32_t i = 0; i < 1000; i++) {
        (void)snprintf(name, sizeof(name), "n%u", i);
        metrics_append(&metrics, name, i, 1);
    }
    for (uint32_t i = 0; i < 200; i++) {
        (void)snprintf(name, sizeof(name), "h%u", i);
        histogram_record(&histogram, i);
        metrics_append_histogram(&metrics, name, &histogram);
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
    metrics_append(&metrics, argument, 1, 1);
    metrics_append(&metrics, argument, 2, 1);
}

static void distribution_twice(void *argument)
{
    static struct histogram histogram;
    struct metrics metrics;

    histogram_init(&histogram);
    metrics_init(&metrics);
    metrics_append_histogram(&metrics, argument, &histogram);
    metrics_append_histogram(&metrics, argument, &histogram);
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
        cmocka_unit_test(rows_say_where_their_number_stands),
        cmocka_unit_test(percentiles_ascend),
        cmocka_unit_test(patterns_stand_for_names),
        cmocka_unit_test(bad_reports_are_caught),
        cmocka_unit_test(records_of_counters_add_up),
        cmocka_unit_test(metrics_are_found_by_name),
        cmocka_unit_test(lists_grow),
        cmocka_unit_test(bad_names_are_caught),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
