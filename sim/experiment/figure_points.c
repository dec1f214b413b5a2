/* SPDX-License-Identifier: Apache-2.0
 *
 * Points: one for each combination of labels that `rows` asks for, or one for each row. Both coordinates are what
 * reading_of makes of the rows of the point, so that x and y may be those of different cells: the same machine with one
 * design and with another.
 */
#include <math.h>
#include <stdlib.h>
#include <string.h>

#include "base/check.h"
#include "experiment/drawing.h"

/* What is fixed for all points. */
struct plot {
    struct drawing *drawing;
    struct chart_series *series;
    double key_factor;
};

static void add_point(struct plot *plot, struct chart_series *series, const struct selection *selection)
{
    const struct drawing *drawing = plot->drawing;
    const struct experiment_panel *panel = drawing->panel;
    struct reading x = reading_of(drawing->rows, drawing->experiment, panel->across[0].formula, selection);
    struct reading y = reading_of(drawing->rows, drawing->experiment, panel->values[0].formula, selection);

    if (isnan(x.value) || isnan(y.value))
        return;
    /* The points of a series are an array that has room for all. */
    ((struct chart_point *)series->points)[series->count++] =
        (struct chart_point){ .x = x.value * plot->key_factor,
                              .y = y.value * drawing->factor,
                              .low = reading_interval_low(drawing->experiment, &y) * drawing->factor,
                              .high = (y.value + y.half) * drawing->factor,
                              .has_interval = !isnan(y.half) };
}

/* A point for each combination of the labels of `rows` with the label of this series. */
static void add_groups(struct plot *plot, struct chart_series *series, const char *label)
{
    const struct drawing *drawing = plot->drawing;
    const struct experiment_panel *panel = drawing->panel;
    size_t count = panel->points.count, *axes = calloc(count + 1, sizeof *axes);
    const char **labels = calloc(count + 1, sizeof *labels);
    struct groups groups;

    CHECK(axes != NULL && labels != NULL);
    for (size_t i = 0; i < count; i++)
        axes[i] = panel->points.axes[i];
    axes[count] = panel->series_axis;
    count += label != NULL;
    groups_find(&groups, drawing->rows, drawing->experiment, panel->where, axes, count);
    series->points = drawing_keep_array(drawing->filled, groups.count, sizeof *series->points);
    for (size_t i = 0; i < groups.count; i++) {
        for (size_t j = 0; j < count; j++)
            labels[j] = group_labels(&groups, i)[j];
        if (label == NULL || strcmp(labels[count - 1], label) == 0)
            add_point(plot, series, &(struct selection){ panel->where, axes, labels, count, NULL, 1 });
    }
    groups_free(&groups);
    free(axes);
    free(labels);
}

/* A point for each row with this label. */
static void add_rows(struct plot *plot, struct chart_series *series, const char *label)
{
    const struct drawing *drawing = plot->drawing;
    const struct experiment_panel *panel = drawing->panel;
    struct selection selection = {
        .where = panel->where, .axes = &panel->series_axis, .labels = &label, .count = label != NULL
    };

    series->points = drawing_keep_array(drawing->filled, drawing->rows->count, sizeof *series->points);
    for (size_t i = 0; i < drawing->rows->count; i++) {
        selection.row = &drawing->rows->rows[i];
        if (is_selected(&selection, selection.row))
            add_point(plot, series, &selection);
    }
}

void drawing_fill_points(struct drawing *drawing)
{
    const struct experiment_panel *panel = drawing->panel;
    struct chart_panel *chart = drawing->chart;
    size_t all = panel->series != NULL ? drawing->series.count : 1;
    struct plot plot = { .drawing = drawing, .key_factor = 1 };

    plot.series = drawing_keep_array(drawing->filled, all, sizeof *plot.series);
    drawing_axis(drawing->experiment, &panel->across[0], &chart->key, &plot.key_factor);
    if (panel->key_title != NULL)
        chart->key.title = panel->key_title;
    chart->key.is_log = panel->is_key_log;
    chart->has_diagonal = panel->has_diagonal;
    chart->diagonal = panel->diagonal;
    for (size_t i = 0; i < all; i++) {
        const char *label = panel->series != NULL ? drawing->series.labels[i] : NULL;

        plot.series[i].name = label;
        if (panel->points.count > 0)
            add_groups(&plot, &plot.series[i], label);
        else
            add_rows(&plot, &plot.series[i], label);
    }
    chart->series = plot.series;
    chart->series_count = all;
}
