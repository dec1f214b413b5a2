/* SPDX-License-Identifier: Apache-2.0
 *
 * The section of figures: where the time of guests and CPUs goes, the distribution of latencies, and for a sweep the
 * main metrics over its axis.
 */
#define _GNU_SOURCE
#include <math.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "base/check.h"
#include "base/histogram.h"
#include "plot/series.h"
#include "report/chart_json.h"
#include "report/page.h"
#include "report/section_list.h"
#include "report/values.h"
#include "result/metric_catalogue.h"

enum { COLUMNS_MAX = 16, LINES_MAX = 8 }; /* of a figure; of the page */

static bool has_results(const struct report *report) { return report->groups->count > 0; }

static size_t shown_columns(const struct values *values)
{
    return values->column_count < COLUMNS_MAX ? values->column_count : COLUMNS_MAX;
}

/* "mean of 5 seeds", "the first 16 of 64 cells, merged over 5 seeds" */
static void write_subtitle(const struct values *values, const char *how, char text[200])
{
    size_t seeds = values->columns[0].group->side.count, used = 0;

    if (values->column_count > COLUMNS_MAX)
        used = (size_t)snprintf(text, 200, "the first %d of %zu cells, ", COLUMNS_MAX, values->column_count);
    if (seeds == 1)
        snprintf(text + used, 200 - used, "one seed");
    else
        snprintf(text + used, 200 - used, "%s %zu seeds", how, seeds);
}

static double mean_of(const struct compare_side *side, const char *metric)
{
    double sum = 0;
    size_t count = 0;

    for (size_t i = 0; i < side->count; i++) {
        double value = result_metric_value(side->results[i], metric);
        if (!isnan(value)) {
            sum += value;
            count++;
        }
    }
    return count > 0 ? sum / (double)count : NAN;
}

/* Copies the name between prefix and suffix. Returns false when the metric is another one. */
static bool take_subject(const char *metric, const char *prefix, const char *suffix, char subject[METRIC_NAME_BYTES])
{
    size_t length = strlen(metric), before = strlen(prefix), after = strlen(suffix);

    if (length <= before + after || strncmp(metric, prefix, before) != 0 ||
        strcmp(metric + length - after, suffix) != 0)
        return false;
    snprintf(subject, METRIC_NAME_BYTES, "%.*s", (int)(length - before - after), metric + before);
    return true;
}

/* --- the guests' time --- */

static const struct {
    const char *name, *metric, *colour;
} guest_states[] = {
    { "running", "running", "state-running" },         { "running, on the lock", "lock_running", "state-lock" },
    { "runnable (steal)", "runnable", "state-steal" }, { "offline (steal)", "offline", "state-offline" },
    { "blocked", "blocked", "state-blocked" },
};
enum { STATE_RUNNING, STATE_LOCK, STATE_COUNT = sizeof guest_states / sizeof guest_states[0] };

/* Percent of the guest's time; time on the lock is a part of its own, beside that in which the guest runs. */
static void read_states(const struct compare_side *side, const char *guest, double shares[STATE_COUNT])
{
    char metric[2 * METRIC_NAME_BYTES];

    for (size_t i = 0; i < STATE_COUNT; i++) {
        snprintf(metric, sizeof metric, "guests.%s.%s.percent", guest, guest_states[i].metric);
        shares[i] = mean_of(side, metric);
    }
    if (isnan(shares[STATE_LOCK]))
        shares[STATE_LOCK] = 0;
    shares[STATE_LOCK] = fmin(shares[STATE_LOCK], shares[STATE_RUNNING]);
    shares[STATE_RUNNING] -= shares[STATE_LOCK];
}

static void add_guests(json_t *figures, const struct values *values)
{
    json_t *figure, *panel, *series[STATE_COUNT];
    char subtitle[200], guest[METRIC_NAME_BYTES];
    size_t added = 0;

    write_subtitle(values, "mean of", subtitle);
    figure = chart_figure("guests", "Where the guests' time goes", subtitle);
    panel = chart_panel(figure, "stack", (struct chart_axis_text){ "guest", "", false },
                        (struct chart_axis_text){ "share of the vCPUs' time", "%", false });
    for (size_t i = 0; i < STATE_COUNT; i++)
        series[i] = chart_series(panel, guest_states[i].name, guest_states[i].colour);
    for (size_t row = 0; row < values->row_count; row++) {
        if (!take_subject(values->metrics[row], "guests.", ".running.percent", guest))
            continue;
        for (size_t column = 0; column < shown_columns(values); column++) {
            double shares[STATE_COUNT];
            char group[METRIC_NAME_BYTES + 8];
            read_states(&values->columns[column].group->side, guest, shares);
            if (isnan(shares[STATE_RUNNING]))
                continue;
            snprintf(group, sizeof group, "guest %s", guest);
            size_t key = chart_key(panel, values->columns[column].label, group);
            for (size_t i = 0; i < STATE_COUNT; i++)
                chart_point(series[i], (double)key, shares[i], INFINITY);
            added++;
        }
    }
    if (added > 0)
        json_array_append_new(figures, figure);
    else
        json_decref(figure);
}

/* --- the CPUs' time --- */

static const char *category_colour(const char *category, size_t others)
{
    static const struct {
        const char *category, *colour;
    } known[] = {
        { "guest", "state-running" },   { "lock_wait", "state-lock" }, { "interrupt", "state-steal" },
        { "hypervisor", "series-4" },   { "idle", "state-blocked" },   { "host", "series-4" },
        { "softirq", "state-offline" },
    };
    static const char *const rest[] = { "series-3", "series-6", "series-8", "series-5", "series-7" };

    for (size_t i = 0; i < sizeof known / sizeof known[0]; i++)
        if (strcmp(known[i].category, category) == 0)
            return known[i].colour;
    return rest[others % (sizeof rest / sizeof rest[0])];
}

static void add_category(json_t *panel, const struct values *values, size_t row, const char *category, size_t number)
{
    char name[METRIC_NAME_BYTES];

    snprintf(name, sizeof name, "%s", category);
    for (char *c = name; *c != '\0'; c++)
        *c = *c == '_' ? ' ' : *c;
    json_t *series = chart_series(panel, name, category_colour(category, number));
    for (size_t column = 0; column < shown_columns(values); column++)
        chart_point(series, (double)column, values_at(values, row, column)->mean.value, INFINITY);
}

/* Idle time is the last part of each bar. */
static void add_cpus(json_t *figures, const struct values *values)
{
    char subtitle[200], category[METRIC_NAME_BYTES];
    size_t added = 0;

    write_subtitle(values, "mean of", subtitle);
    json_t *figure = chart_figure("cpus", "Where the CPUs' time goes", subtitle);
    json_t *panel = chart_panel(figure, "stack", (struct chart_axis_text){ "cell", "", false },
                                (struct chart_axis_text){ "share of the pCPUs' time", "%", false });
    for (size_t column = 0; column < shown_columns(values); column++)
        chart_key(panel, values->columns[column].label, NULL);
    for (int is_idle = 0; is_idle <= 1; is_idle++)
        for (size_t row = 0; row < values->row_count; row++)
            if (take_subject(values->metrics[row], "cpus.", ".percent", category) && strchr(category, '.') == NULL &&
                (strcmp(category, "idle") == 0) == is_idle)
                add_category(panel, values, row, category, added++);
    if (added > 0)
        json_array_append_new(figures, figure);
    else
        json_decref(figure);
}

/* --- latencies --- */

/* Adds a point for each bucket with values: the share of all values that are larger. The last value is drawn where the
 * share of itself ends. */
static void add_distribution(json_t *series, const struct histogram *histogram)
{
    uint64_t larger = histogram->count, lowest, highest;

    for (uint32_t i = 0; i < HISTOGRAM_BUCKETS && larger > 0; i++) {
        if (histogram->buckets[i] == 0)
            continue;
        histogram_bucket_range(i, &lowest, &highest);
        uint64_t before = larger;
        larger -= histogram->buckets[i];
        if (larger > 0)
            chart_point(series, (double)highest, (double)larger / (double)histogram->count, NAN);
        else
            chart_point(series, (double)histogram->maximum, (double)before / (double)histogram->count, NAN);
    }
}

static void add_latency(json_t *figures, const struct values *values)
{
    struct histogram *merged = malloc(sizeof *merged);
    char subtitle[200];
    size_t added = 0;

    CHECK(merged != NULL);
    write_subtitle(values, "merged over", subtitle);
    json_t *figure = chart_figure("latency", "How long interrupts take", subtitle);
    json_t *panel = chart_panel(figure, "ccdf", (struct chart_axis_text){ "latency", "ns", true },
                                (struct chart_axis_text){ "share of interrupts that take longer", "%", true });
    for (size_t column = 0; column < shown_columns(values); column++) {
        const struct compare_side *side = &values->columns[column].group->side;
        histogram_init(merged);
        for (size_t i = 0; i < side->count; i++) {
            const struct histogram *one = result_histogram(side->results[i], "irq.latency");
            if (one != NULL && one->count > 0)
                histogram_merge(merged, one);
        }
        if (merged->count == 0)
            continue;
        add_distribution(chart_series(panel, values->columns[column].label, NULL), merged);
        added++;
    }
    free(merged);
    if (added > 0)
        json_array_append_new(figures, figure);
    else
        json_decref(figure);
}

/* --- a sweep --- */

static bool is_swept(const char *metric)
{
    static const char *const patterns[] = { "guests.G.steal.percent", "irq.latency.p50_ns", "irq.latency.p99_ns",
                                            "irq.lost", "locks.L.wait.mean_ns" };
    const struct metric_row *row = metric_describe(metric);

    for (size_t i = 0; row != NULL && i < sizeof patterns / sizeof patterns[0]; i++)
        if (strcmp(row->name, patterns[i]) == 0)
            return true;
    return false;
}

static bool is_zero_everywhere(const struct values *values, size_t row)
{
    for (size_t column = 0; column < values->column_count; column++)
        if (fabs(values_at(values, row, column)->mean.value) > 0)
            return false;
    return true;
}

static void add_lines(json_t *figures, const struct values *values, size_t row, const struct plot_axis *axis,
                      const struct compare_groups *groups)
{
    const char *metric = values->metrics[row], *unit = metric_unit(metric);
    const struct metric_row *description = metric_describe(metric);
    struct plot_series_list list;
    char subtitle[200];

    plot_series_make(&list, groups, axis, metric);
    snprintf(subtitle, sizeof subtitle, "%s; bands are 95 %% intervals over the seeds", metric);
    json_t *figure = chart_figure("lines", description != NULL ? description->meaning : metric, subtitle);
    json_t *panel = chart_panel(figure, "lines", (struct chart_axis_text){ axis->title, axis->unit, false },
                                (struct chart_axis_text){ metric, unit, false });
    for (size_t i = 0; i < list.count; i++) {
        json_t *series = chart_series(panel, list.series[i].label, NULL);
        for (size_t at = 0; at < list.series[i].count; at++)
            chart_point(series, list.series[i].points[at].x, list.series[i].points[at].mean,
                        list.series[i].points[at].half_width);
    }
    json_array_append_new(figures, figure);
    plot_series_free(&list);
}

static void add_sweep(json_t *figures, const struct values *values, const struct compare_groups *groups)
{
    struct plot_axis axis;
    size_t added = 0;

    if (!plot_find_axis(groups, &axis))
        return;
    for (size_t row = 0; row < values->row_count && added < LINES_MAX; row++)
        if (is_swept(values->metrics[row]) && !is_zero_everywhere(values, row)) {
            add_lines(figures, values, row, &axis, groups);
            added++;
        }
}

static void print(struct page *page, const struct report *report)
{
    json_t *figures = json_array();

    add_guests(figures, report->values);
    add_sweep(figures, report->values, report->groups);
    add_latency(figures, report->values);
    add_cpus(figures, report->values);
    chart_print(page, "figures", figures);
}

const struct report_section section_figures = {
    .id = "figures",
    .title = "Figures",
    .has_content = has_results,
    .print = print,
};
