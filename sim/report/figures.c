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

#define LOCK_SHARE 0.1 /* a lock is shown whose mean wait reaches this share of the longest */

/* What the figures without an axis show: all columns, or those with the last value of a sweep's axis. */
struct shown {
    const struct values *values;
    const struct compare_groups *groups;
    bool has_axis;
    struct plot_axis axis;
    size_t columns[COLUMNS_MAX];
    size_t count, all;
};

static bool has_results(const struct report *report) { return report->groups->count > 0; }

/* The value of the axis in the column; NaN without one. */
static double axis_value(const struct shown *shown, size_t column)
{
    const char *text = result_axis_value(shown->values->columns[column].group->first, shown->axis.path), *unit;
    double value;

    return text != NULL && plot_axis_number(text, &value, &unit) ? value : NAN;
}

static struct shown choose_columns(const struct report *report)
{
    struct shown shown = { .values = report->values, .groups = report->groups };
    double last = -INFINITY;

    shown.has_axis = plot_find_axis(report->groups, &shown.axis);
    for (size_t i = 0; shown.has_axis && i < shown.values->column_count; i++)
        last = fmax(last, axis_value(&shown, i));
    for (size_t i = 0; i < shown.values->column_count; i++) {
        if (shown.has_axis && axis_value(&shown, i) != last)
            continue;
        if (shown.count < COLUMNS_MAX)
            shown.columns[shown.count++] = i;
        shown.all++;
    }
    return shown;
}

/* "mean of 5 seeds, sockets 8", "merged over 5 seeds, the first 16 of 64 cells" */
static void write_subtitle(const struct shown *shown, const char *how, char text[300])
{
    const struct value_column *first = &shown->values->columns[shown->columns[0]];
    size_t seeds = first->group->side.count, used;

    if (seeds == 1)
        used = (size_t)snprintf(text, 300, "one seed");
    else
        used = (size_t)snprintf(text, 300, "%s %zu seeds", how, seeds);
    if (shown->has_axis)
        used += (size_t)snprintf(text + used, 300 - used, ", %.40s %.40s", shown->axis.title,
                                 result_axis_value(first->group->first, shown->axis.path));
    if (shown->count < shown->all)
        snprintf(text + used, 300 - used, ", the first %zu of %zu cells", shown->count, shown->all);
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

static void add_guests(json_t *figures, const struct shown *shown)
{
    const struct values *values = shown->values;
    json_t *figure, *panel, *series[STATE_COUNT];
    char subtitle[300], guest[METRIC_NAME_BYTES];
    size_t added = 0;

    write_subtitle(shown, "mean of", subtitle);
    figure = chart_figure("guests", "Where the guests' time goes", subtitle);
    panel = chart_panel(figure, "stack", (struct chart_axis_text){ "guest", "", false },
                        (struct chart_axis_text){ "share of the vCPUs' time", "%", false });
    for (size_t i = 0; i < STATE_COUNT; i++)
        series[i] = chart_series(panel, guest_states[i].name, guest_states[i].colour);
    for (size_t row = 0; row < values->row_count; row++) {
        if (!take_subject(values->metrics[row], "guests.", ".running.percent", guest))
            continue;
        for (size_t at = 0; at < shown->count; at++) {
            size_t column = shown->columns[at];
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

static void add_category(json_t *panel, const struct shown *shown, size_t row, const char *category, size_t number)
{
    char name[METRIC_NAME_BYTES];

    snprintf(name, sizeof name, "%s", category);
    for (char *c = name; *c != '\0'; c++)
        *c = *c == '_' ? ' ' : *c;
    json_t *series = chart_series(panel, name, category_colour(category, number));
    for (size_t at = 0; at < shown->count; at++)
        chart_point(series, (double)at, values_at(shown->values, row, shown->columns[at])->mean.value, INFINITY);
}

/* Idle time is the last part of each bar. */
static void add_cpus(json_t *figures, const struct shown *shown)
{
    const struct values *values = shown->values;
    char subtitle[300], category[METRIC_NAME_BYTES];
    size_t added = 0;

    write_subtitle(shown, "mean of", subtitle);
    json_t *figure = chart_figure("cpus", "Where the CPUs' time goes", subtitle);
    json_t *panel = chart_panel(figure, "stack", (struct chart_axis_text){ "cell", "", false },
                                (struct chart_axis_text){ "share of the pCPUs' time", "%", false });
    for (size_t at = 0; at < shown->count; at++)
        chart_key(panel, values->columns[shown->columns[at]].label, NULL);
    for (int is_idle = 0; is_idle <= 1; is_idle++)
        for (size_t row = 0; row < values->row_count; row++)
            if (take_subject(values->metrics[row], "cpus.", ".percent", category) && strchr(category, '.') == NULL &&
                (strcmp(category, "idle") == 0) == is_idle)
                add_category(panel, shown, row, category, added++);
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

static void add_latency(json_t *figures, const struct shown *shown)
{
    const struct values *values = shown->values;
    struct histogram *merged = malloc(sizeof *merged);
    char subtitle[300];
    size_t added = 0;

    CHECK(merged != NULL);
    write_subtitle(shown, "merged over", subtitle);
    json_t *figure = chart_figure("latency", "How long interrupts take", subtitle);
    json_t *panel = chart_panel(figure, "ccdf", (struct chart_axis_text){ "latency", "ns", true },
                                (struct chart_axis_text){ "share of interrupts that take longer", "%", true });
    for (size_t at = 0; at < shown->count; at++) {
        size_t column = shown->columns[at];
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

/* The largest mean of the row. */
static double largest(const struct values *values, size_t row)
{
    double found = 0;

    for (size_t column = 0; column < values->column_count; column++)
        found = fmax(found, values_at(values, row, column)->mean.value);
    return found;
}

static bool is_wait(const char *metric)
{
    const struct metric_row *row = metric_describe(metric);

    return row != NULL && strcmp(row->name, "locks.L.wait.mean_ns") == 0;
}

static double longest_wait(const struct values *values)
{
    double longest = 0;

    for (size_t row = 0; row < values->row_count; row++)
        if (is_wait(values->metrics[row]))
            longest = fmax(longest, largest(values, row));
    return longest;
}

static void add_lines(json_t *figures, const struct shown *shown, size_t row)
{
    const char *metric = shown->values->metrics[row];
    const struct metric_row *description = metric_describe(metric);
    struct plot_series_list list;
    char subtitle[300];

    plot_series_make(&list, shown->groups, &shown->axis, metric);
    snprintf(subtitle, sizeof subtitle, "%s; bands are 95 %% intervals over the seeds",
             description != NULL ? description->meaning : "");
    json_t *figure = chart_figure("lines", metric, subtitle);
    json_t *panel = chart_panel(figure, "lines", (struct chart_axis_text){ shown->axis.title, shown->axis.unit, false },
                                (struct chart_axis_text){ metric, metric_unit(metric), false });
    for (size_t i = 0; i < list.count; i++) {
        json_t *series = chart_series(panel, list.series[i].label, NULL);
        for (size_t at = 0; at < list.series[i].count; at++)
            chart_point(series, list.series[i].points[at].x, list.series[i].points[at].mean,
                        list.series[i].points[at].half_width);
    }
    json_array_append_new(figures, figure);
    plot_series_free(&list);
}

static void add_sweep(json_t *figures, const struct shown *shown)
{
    double least_wait = LOCK_SHARE * longest_wait(shown->values);
    size_t added = 0;

    for (size_t row = 0; shown->has_axis && row < shown->values->row_count && added < LINES_MAX; row++) {
        const char *metric = shown->values->metrics[row];
        double most = largest(shown->values, row);
        if (!is_swept(metric) || most == 0 || (is_wait(metric) && most < least_wait))
            continue;
        add_lines(figures, shown, row);
        added++;
    }
}

static void print(struct page *page, const struct report *report)
{
    struct shown shown = choose_columns(report);
    json_t *figures = json_array();

    add_sweep(figures, &shown);
    if (shown.count > 0) {
        add_guests(figures, &shown);
        add_latency(figures, &shown);
        add_cpus(figures, &shown);
    }
    chart_show(page, "figures", figures);
}

const struct report_section section_figures = {
    .id = "figures",
    .title = "Figures",
    .has_content = has_results,
    .print = print,
};
