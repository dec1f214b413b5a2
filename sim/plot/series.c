/* SPDX-License-Identifier: Apache-2.0
 *
 * Makes series from cells, and finds their axis, labels and colours.
 */
#define _GNU_SOURCE
#include "plot/series.h"

#include <math.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "base/check.h"
#include "plot/gnuplot.h"
#include "result/statistics.h"

bool plot_axis_number(const char *text, double *value, const char **unit)
{
    static const struct {
        const char *suffix;
        double factor;
        const char *unit;
    } suffixes[] = {
        { "", 1, "" },           { "mHz", 1e-3, "Hz" },
        { "Hz", 1, "Hz" },       { "kHz", 1e3, "Hz" },
        { "MHz", 1e6, "Hz" },    { "GHz", 1e9, "Hz" },
        { "ns", 1e-9, "s" },     { "us", 1e-6, "s" },
        { "ms", 1e-3, "s" },     { "s", 1, "s" },
        { "B", 1, "B" },         { "KiB", 1024, "B" },
        { "MiB", 1048576, "B" }, { "GiB", 1073741824, "B" },
        { "cy", 1, "cycles" },
    };
    static const char package[] = "package:";
    bool is_topology = strncmp(text, package, sizeof package - 1) == 0;
    char *end;

    if (is_topology)
        text += sizeof package - 1;
    *value = strtod(text, &end);
    if (end == text || !isfinite(*value))
        return false;
    *unit = is_topology ? "sockets" : "";
    if (is_topology)
        return *end == '\0' || *end == ' ';
    for (size_t i = 0; i < sizeof suffixes / sizeof suffixes[0]; i++) {
        if (strcmp(end, suffixes[i].suffix) != 0)
            continue;
        *value *= suffixes[i].factor;
        *unit = suffixes[i].unit;
        return true;
    }
    return false;
}

/* Returns the number of distinct values of the axis; 0 when a cell lacks the axis, a value is not a number, or units
 * differ. */
static size_t count_axis_values(const struct compare_groups *groups, const char *path, const char **unit)
{
    double *values = calloc(groups->count + 1, sizeof *values);
    size_t count = 0;

    CHECK(values != NULL);
    *unit = NULL;
    for (size_t i = 0; i < groups->count; i++) {
        const char *text = result_axis_value(groups->groups[i].first, path), *its_unit;
        double value;
        if (text == NULL || !plot_axis_number(text, &value, &its_unit) ||
            (*unit != NULL && strcmp(*unit, its_unit) != 0)) {
            count = 0;
            break;
        }
        *unit = its_unit;
        size_t at = 0;
        while (at < count && values[at] != value)
            at++;
        if (at == count)
            values[count++] = value;
    }
    free(values);
    return count;
}

bool plot_find_axis(const struct compare_groups *groups, struct plot_axis *axis)
{
    size_t most = 1;

    if (groups->count == 0)
        return false;
    const struct result *first = groups->groups[0].first;
    for (size_t i = 0; i < first->axis_count; i++) {
        const char *path = first->axes[i].path, *unit;
        size_t count = count_axis_values(groups, path, &unit);
        if (count < 2)
            continue;
        bool is_sockets = strcmp(path, "sockets") == 0 || strcmp(unit, "sockets") == 0;
        if (count <= most && !is_sockets)
            continue;
        most = is_sockets ? SIZE_MAX : count;
        *axis = (struct plot_axis){ path, is_sockets ? "Sockets" : path, is_sockets ? "" : unit };
    }
    return most > 1;
}

void plot_group_label(const struct compare_group *group, const char *path, char label[PLOT_LABEL_BYTES])
{
    const struct result *cell = group->first;
    int used = snprintf(label, PLOT_LABEL_BYTES, "%s", cell->design);
    for (size_t i = 0; i < cell->axis_count && used < PLOT_LABEL_BYTES; i++) {
        const struct result_axis *axis = &cell->axes[i];
        if (strcmp(axis->path, "hypervisor.design") == 0 || (path != NULL && strcmp(axis->path, path) == 0))
            continue;
        used += snprintf(label + used, PLOT_LABEL_BYTES - (size_t)used, ", %s", axis->value);
    }
    if (group->variant[0] != '\0' && used < PLOT_LABEL_BYTES)
        snprintf(label + used, PLOT_LABEL_BYTES - (size_t)used, ", %s", group->variant);
}

static void add_point(struct plot_series *series, struct plot_point point)
{
    series->points = realloc(series->points, (series->count + 1) * sizeof *series->points);
    CHECK(series->points != NULL);
    size_t at = series->count++;
    for (; at > 0 && series->points[at - 1].x > point.x; at--)
        series->points[at] = series->points[at - 1];
    series->points[at] = point;
}

/* Stores the mean over the seeds of the side. Returns false without an observation. */
static bool estimate_point(const struct compare_side *side, const char *metric, struct plot_point *point)
{
    double *values = calloc(side->count + 1, sizeof *values);
    size_t count = 0;

    CHECK(values != NULL);
    for (size_t i = 0; i < side->count; i++) {
        double value = result_metric_value(side->results[i], metric);
        if (!isnan(value))
            values[count++] = value;
    }
    struct statistics_estimate estimate = statistics_mean(values, count);
    point->mean = estimate.value;
    point->half_width = statistics_half_width(&estimate);
    free(values);
    return count > 0;
}

void plot_choose_colours(const char *const *designs, size_t count, const char **colours)
{
    static const char *const palette[] = { PLOT_VERMILLION, PLOT_BLUE, PLOT_GREEN, PLOT_PURPLE,
                                           PLOT_ORANGE,     PLOT_SKY,  "#000000" };
    enum { PALETTE = sizeof palette / sizeof palette[0] };
    bool is_used[PALETTE] = { false };

    for (size_t i = 0; i < count; i++) {
        size_t wish = strstr(designs[i], "tasklet") != NULL ? 0 : strstr(designs[i], "softirq") != NULL ? 1 : 2;
        for (size_t tries = 0; is_used[wish] && tries < PALETTE; tries++)
            wish = wish < 2 ? 2 : (wish + 1) % PALETTE;
        if (is_used[wish]) /* all are */
            memset(is_used, 0, sizeof is_used);
        is_used[wish] = true;
        colours[i] = palette[wish];
    }
}

static void colour_series(struct plot_series_list *list)
{
    const char *labels[PLOT_SERIES_MAX] = { NULL }, *colours[PLOT_SERIES_MAX];
    for (size_t i = 0; i < list->count; i++)
        labels[i] = list->series[i].label;
    plot_choose_colours(labels, list->count, colours);
    for (size_t i = 0; i < list->count; i++)
        list->series[i].colour = colours[i];
}

void plot_series_make(struct plot_series_list *list, const struct compare_groups *groups, const struct plot_axis *axis,
                      const char *metric)
{
    *list = (struct plot_series_list){ 0 };
    for (size_t i = 0; i < groups->count; i++) {
        const struct compare_group *group = &groups->groups[i];
        const char *text = result_axis_value(group->first, axis->path), *unit;
        struct plot_point point;
        char label[PLOT_LABEL_BYTES];

        if (text == NULL || !plot_axis_number(text, &point.x, &unit) || !estimate_point(&group->side, metric, &point))
            continue;
        plot_group_label(group, axis->path, label);
        size_t at = 0;
        while (at < list->count && strcmp(list->series[at].label, label) != 0)
            at++;
        if (at == PLOT_SERIES_MAX) {
            list->left_out++;
            continue;
        }
        if (at == list->count) {
            list->series[list->count++] = (struct plot_series){ .design = group->first->design };
            strcpy(list->series[at].label, label);
        }
        add_point(&list->series[at], point);
    }
    colour_series(list);
}

void plot_series_free(struct plot_series_list *list)
{
    for (size_t i = 0; i < list->count; i++)
        free(list->series[i].points);
    *list = (struct plot_series_list){ 0 };
}
