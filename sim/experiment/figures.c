/* SPDX-License-Identifier: Apache-2.0
 *
 * Fills charts: keys are the values of one axis, series those of another or several quantities. A point is what
 * reading_of makes of the rows with both labels, with its interval.
 */
#define _GNU_SOURCE
#include "experiment/figures.h"

#include <math.h>
#include <stdlib.h>
#include <string.h>

#include "base/check.h"
#include "base/histogram.h"
#include "experiment/derive.h"
#include "experiment/drawing.h"
#include "experiment/groups.h"
#include "experiment/keys.h"
#include "experiment/read.h"
#include "experiment/tables.h"
#include "result/metric_catalogue.h"
#include "sample/indices.h"

const char *drawing_keep(struct filled_figure *filled, char *text)
{
    *(char **)ARRAY_ADD(filled->texts, filled->text_count) = text;
    return text;
}

void *drawing_keep_array(struct filled_figure *filled, size_t count, size_t bytes)
{
    void *array = calloc(count + 1, bytes);

    CHECK(array != NULL);
    *(void **)ARRAY_ADD(filled->arrays, filled->array_count) = array;
    return array;
}

/* --- keys --- */

/* The unit of all keys: as it stands behind their numbers if it is the same everywhere, or else that of time, rate or
 * size; "" for other numbers. *is_written: the former. */
static const char *common_unit(const struct groups *groups, bool *is_written)
{
    const char *unit = NULL, *base = NULL;

    *is_written = true;
    for (size_t i = 0; i < groups->count; i++) {
        struct quotient number;
        const char *own = groups->labels[i] + quotient_read(groups->labels[i], &number);
        const char *own_base = quotient_label_unit(groups->labels[i]);

        if (own_base == NULL || (base != NULL && strcmp(base, own_base) != 0))
            return "";
        base = own_base;
        *is_written = *is_written && (unit == NULL || strcmp(unit, own) == 0);
        unit = own;
    }
    return base == NULL ? "" : *is_written && strcmp(base, "cycles") != 0 ? unit : base;
}

/* The number of a key in the unit of all. */
static double key_number(const struct groups *groups, size_t key)
{
    struct quotient value;
    bool is_written;

    (void)common_unit(groups, &is_written);
    if (is_written && quotient_read(groups->labels[key], &value) > 0)
        return quotient_value(value);
    return quotient_from_label(groups->labels[key], &value) ? quotient_value(value) : NAN;
}

static bool are_numbers(const struct groups *groups)
{
    struct quotient value;

    for (size_t i = 0; i < groups->count; i++)
        if (!quotient_from_label(groups->labels[i], &value))
            return false;
    return groups->count > 0;
}

static void fill_keys(struct drawing *drawing)
{
    struct chart_panel *chart = drawing->chart;
    const struct experiment_panel *panel = drawing->panel;
    const char *own = panel->key_title;
    bool is_written;

    drawing->are_keys_numbers = panel->kind == FIGURE_LINES && are_numbers(&drawing->keys);
    chart->key.title = own != NULL ? own : drawing->experiment->axes[panel->key_axis].name;
    chart->key.unit = common_unit(&drawing->keys, &is_written);
    chart->key.is_log = panel->is_key_log;
    if (drawing->are_keys_numbers)
        return;
    chart->key.unit = "";
    chart->keys = drawing->keys.labels;
    chart->key_count = drawing->keys.count;
}

/* --- values --- */

static struct reading read_point(const struct drawing *drawing, const struct formula *formula, const char *key,
                                 const char *series)
{
    const struct experiment_panel *panel = drawing->panel;
    size_t axes[] = { panel->key_axis, panel->series_axis };
    const char *labels[] = { key, series };
    struct selection selection = { panel->where, axes, labels, series != NULL ? 2 : 1, NULL, 1 };

    return reading_of(drawing->rows, drawing->experiment, formula, &selection);
}

static void set_point(const struct drawing *drawing, struct chart_point *point, const struct reading *reading)
{
    double factor = drawing->factor;

    point->y = reading->value * factor;
    point->has_interval = !isnan(reading->half);
    point->low = reading_interval_low(drawing->experiment, reading) * factor;
    point->high = (reading->is_share ? reading->high : reading->value + reading->half) * factor;
}

/* 100 * (value / base - 1); the interval is that of the value alone. */
static void make_relative(struct chart_point *point, double base)
{
    point->y = 100 * (point->y / base - 1);
    point->low = 100 * (point->low / base - 1);
    point->high = 100 * (point->high / base - 1);
    if (!isfinite(point->y)) {
        point->y = NAN;
        point->has_interval = false;
    }
}

static int compare_points(const void *left, const void *right)
{
    const struct chart_point *a = left, *b = right;

    return a->x < b->x ? -1 : a->x > b->x;
}

static void fill_series(struct drawing *drawing, struct chart_series *series, const struct formula *formula,
                        const char *label)
{
    const struct experiment_panel *panel = drawing->panel;
    struct chart_point *points = drawing_keep_array(drawing->filled, drawing->keys.count, sizeof *points);

    for (size_t i = 0; i < drawing->keys.count; i++) {
        const char *key = drawing->keys.labels[i];
        struct reading reading = read_point(drawing, formula, key, label);
        struct chart_point *point = &points[series->count];

        if (isnan(reading.value) && drawing->are_keys_numbers)
            continue;
        point->x = drawing->are_keys_numbers ? key_number(&drawing->keys, i) : (double)i;
        set_point(drawing, point, &reading);
        if (panel->relative_to != NULL)
            make_relative(point, drawing->factor * read_point(drawing, formula, key, panel->relative_to).value);
        series->count++;
    }
    if (drawing->are_keys_numbers)
        qsort(points, series->count, sizeof *points, compare_points);
    series->points = points;
}

static void fill_all_series(struct drawing *drawing)
{
    const struct experiment_panel *panel = drawing->panel;
    size_t all = panel->series != NULL ? drawing->series.count : panel->value_count;
    struct chart_series *series = drawing_keep_array(drawing->filled, all, sizeof *series);

    for (size_t i = 0; i < all; i++) {
        const char *label = panel->series != NULL ? drawing->series.labels[i] : NULL;
        const struct experiment_column *column = &panel->values[label != NULL ? 0 : i];

        if (label != NULL && panel->relative_to != NULL && strcmp(label, panel->relative_to) == 0)
            continue;
        struct chart_series *one = &series[drawing->chart->series_count++];
        one->name = label != NULL ? label : column_title(drawing->experiment, column);
        fill_series(drawing, one, column->formula, label);
    }
    drawing->chart->series = series;
}

void drawing_axis(const struct experiment *experiment, const struct experiment_column *column, struct chart_axis *axis,
                  double *factor)
{
    const struct formula *formula = column->formula;
    bool is_share = formula->kind == FORMULA_NAME && formula->over == OVER_SHARE;
    const char *own = is_share                        ? "ratio"
                      : formula->quantity != SIZE_MAX ? experiment->quantities[formula->quantity].unit
                                                      : NULL;
    const char *unit = column_unit(experiment, column);

    /* A chart chooses prefixes that fit itself. */
    if (own != NULL && (strcmp(own, "ns") == 0 || strcmp(own, "s") == 0 || strcmp(own, "bytes") == 0))
        unit = own;
    else
        *factor = column->unit != NULL ? unit_factor(own, column->unit) : 1;
    axis->title = column_title(experiment, column);
    axis->unit = strcmp(unit, "count") == 0 || strcmp(unit, "ratio") == 0 ? ""
                 : strcmp(unit, "bytes") == 0                             ? "B"
                                                                          : unit;
}

static void fill_value_axis(struct drawing *drawing)
{
    const struct experiment_panel *panel = drawing->panel;
    struct chart_axis *axis = &drawing->chart->value;

    drawing_axis(drawing->experiment, &panel->values[0], axis, &drawing->factor);
    if (panel->value_title != NULL && panel->kind != FIGURE_HEAT && panel->kind != FIGURE_CCDF)
        axis->title = panel->value_title;
    if (panel->relative_to != NULL)
        axis->unit = "%";
    axis->is_log = panel->is_value_log;
    if (panel->relative_to != NULL && panel->value_title == NULL) {
        char *title;

        CHECK(asprintf(&title, "%s over %s", axis->title, panel->relative_to) > 0);
        axis->title = drawing_keep(drawing->filled, title);
    }
}

/* --- published values --- */

/* The value that a condition of the place demands of an axis, or NULL. */
static const char *demanded(const struct experiment_published *published, size_t axis)
{
    for (size_t i = 0; i < published->where->condition_count; i++)
        if (published->where->conditions[i].axis == axis && axis != SIZE_MAX)
            return published->where->conditions[i].values[0];
    return NULL;
}

static size_t find_label(const struct groups *groups, const char *value)
{
    for (size_t i = 0; i < groups->count; i++)
        if (label_is(groups->labels[i], value))
            return i;
    return SIZE_MAX;
}

/* Whether the panel shows the rows that the value was published for. */
static bool is_of_panel(const struct experiment_panel *panel, const struct experiment_published *published)
{
    for (size_t i = 0; panel->where != NULL && i < panel->where->condition_count; i++) {
        const struct formula_condition *condition = &panel->where->conditions[i];
        const char *value = demanded(published, condition->axis);

        if (value != NULL && condition->relation == RELATION_IS && !label_is(value, condition->values[0]))
            return false;
    }
    return true;
}

static void add_published(struct drawing *drawing, const struct experiment_published *published,
                          struct chart_published *points)
{
    const struct experiment_panel *panel = drawing->panel;
    struct chart_published *point = &points[drawing->chart->published_count];
    const char *key = demanded(published, panel->key_axis), *series = demanded(published, panel->series_axis);
    size_t index = key != NULL ? find_label(&drawing->keys, key) : SIZE_MAX;

    if (!is_of_panel(panel, published) || (key != NULL && index == SIZE_MAX))
        return;
    point->x = key == NULL ? NAN : drawing->are_keys_numbers ? key_number(&drawing->keys, index) : (double)index;
    point->y = drawing->factor * (published->value.state == QUOTIENT_KNOWN
                                      ? quotient_value(published->value)
                                      : (quotient_value(published->low) + quotient_value(published->high)) / 2);
    point->source = published->source;
    point->series = SIZE_MAX;
    for (size_t i = 0; series != NULL && i < drawing->chart->series_count; i++)
        if (label_is(drawing->chart->series[i].name, series))
            point->series = i;
    drawing->chart->published_count++;
}

static void fill_published(struct drawing *drawing)
{
    const struct experiment *experiment = drawing->experiment;
    struct chart_published *points = drawing_keep_array(drawing->filled, experiment->published_count, sizeof *points);

    drawing->chart->published = points;
    for (size_t i = 0; i < experiment->published_count; i++)
        for (size_t j = 0; j < drawing->panel->value_count; j++) {
            const struct formula *formula = drawing->panel->values[j].formula;

            if (formula->kind == FORMULA_NAME && formula->quantity == experiment->published[i].quantity &&
                formula->quantity != SIZE_MAX)
                add_published(drawing, &experiment->published[i], points);
        }
}

/* --- distributions --- */

/* Adds the shares above each bucket of the histograms of all selected runs. */
static void fill_histogram_series(struct drawing *drawing, struct chart_series *series, const char *label)
{
    const struct experiment_panel *panel = drawing->panel;
    struct histogram *sum = NULL;
    struct selection selection = { panel->where, &panel->series_axis, &label, label != NULL, NULL, 1 };

    for (size_t i = 0; i < drawing->rows->count; i++) {
        const struct experiment_row *row = &drawing->rows->rows[i];
        const struct histogram *own;

        if (row->result == NULL || !is_selected(&selection, row) ||
            (own = result_histogram(row->result, panel->distribution)) == NULL)
            continue;
        if (sum == NULL) {
            sum = drawing_keep_array(drawing->filled, 1, sizeof *sum);
            histogram_init(sum);
        }
        histogram_merge(sum, own);
    }
    if (sum == NULL)
        return;
    struct chart_point *points = drawing_keep_array(drawing->filled, HISTOGRAM_BUCKETS, sizeof *points);
    uint64_t above = sum->count;
    for (uint32_t i = 0; i < HISTOGRAM_BUCKETS && sum->count > 0; i++) {
        uint64_t lowest, highest;

        if (sum->buckets[i] == 0)
            continue;
        histogram_bucket_range(i, &lowest, &highest);
        points[series->count++] = (struct chart_point){ .x = (double)lowest, .y = (double)above / (double)sum->count };
        above -= sum->buckets[i];
    }
    series->points = points;
}

static void fill_row_series(struct drawing *drawing, struct chart_series *series, const char *label)
{
    const struct experiment_panel *panel = drawing->panel;
    const struct formula *formula = panel->values[0].formula;
    struct selection selection = { panel->where, &panel->series_axis, &label, label != NULL, NULL, 1 };
    struct chart_point *points = drawing_keep_array(drawing->filled, drawing->rows->count, sizeof *points);
    double *values = drawing_keep_array(drawing->filled, drawing->rows->count, sizeof *values);
    size_t count = 0;

    for (size_t i = 0; i < drawing->rows->count && formula->quantity != SIZE_MAX; i++) {
        const struct experiment_row *row = &drawing->rows->rows[i];

        if (is_selected(&selection, row) && conditions_hold(formula, row) &&
            row->values[formula->quantity].state == QUOTIENT_KNOWN)
            values[count++] = quotient_value(row->values[formula->quantity]) * drawing->factor;
    }
    sample_sort(values, count);
    for (size_t i = 0; i < count; i++)
        points[i] = (struct chart_point){ .x = values[i], .y = (double)(count - i) / (double)count };
    series->points = points;
    series->count = count;
}

static void fill_ccdf(struct drawing *drawing)
{
    const struct experiment_panel *panel = drawing->panel;
    size_t all = panel->series != NULL ? drawing->series.count : 1;
    struct chart_series *series = drawing_keep_array(drawing->filled, all, sizeof *series);
    struct chart_panel *chart = drawing->chart;

    chart->key = chart->value;
    chart->value = (struct chart_axis){ .title = panel->value_title != NULL ? panel->value_title
                                                                            : "share handled within this time",
                                        .unit = "" };
    if (panel->distribution != NULL) {
        chart->key.title = panel->distribution;
        chart->key.unit = metric_unit(panel->distribution);
    }
    if (panel->key_title != NULL)
        chart->key.title = panel->key_title;
    for (size_t i = 0; i < all; i++) {
        const char *label = panel->series != NULL ? drawing->series.labels[i] : NULL;

        series[i].name = label != NULL ? label : chart->key.title;
        if (panel->distribution != NULL)
            fill_histogram_series(drawing, &series[i], label);
        else
            fill_row_series(drawing, &series[i], label);
    }
    chart->series = series;
    chart->series_count = all;
}

/* --- panels --- */

static void fill_references(struct drawing *drawing)
{
    if (drawing->panel->relative_to == NULL)
        return;
    struct chart_reference *reference = drawing_keep_array(drawing->filled, 1, sizeof *reference);
    char *label;

    CHECK(asprintf(&label, "%s = 0 %%", drawing->panel->relative_to) > 0);
    reference->label = drawing_keep(drawing->filled, label);
    drawing->chart->references = reference;
    drawing->chart->reference_count = 1;
}

static void fill_panel(struct drawing *drawing)
{
    const struct experiment_panel *panel = drawing->panel;

    drawing->chart->kind = (enum chart_kind)panel->kind;
    drawing->chart->title = panel->title;
    groups_find(&drawing->keys, drawing->rows, drawing->experiment, panel->where, &panel->key_axis, panel->key != NULL);
    groups_find(&drawing->series, drawing->rows, drawing->experiment, panel->where, &panel->series_axis,
                panel->series != NULL);
    fill_value_axis(drawing);
    if (panel->kind == FIGURE_CCDF) {
        fill_ccdf(drawing);
    } else if (panel->kind == FIGURE_POINTS) {
        drawing_fill_points(drawing);
    } else {
        if (panel->kind == FIGURE_HEAT)
            drawing->chart->row_title =
                panel->value_title != NULL ? panel->value_title : drawing->experiment->axes[panel->series_axis].name;
        fill_keys(drawing);
        fill_all_series(drawing);
        fill_published(drawing);
        fill_references(drawing);
    }
    /* The labels belong to the axes; the arrays of them live as long as the chart. */
    *(void **)ARRAY_ADD(drawing->filled->arrays, drawing->filled->array_count) = drawing->keys.labels;
    groups_free(&drawing->series);
}

void figure_fill(struct filled_figure *filled, const struct experiment_rows *rows, const struct experiment *experiment,
                 const struct experiment_figure *figure)
{
    *filled = (struct filled_figure){ 0 };
    filled->panels = drawing_keep_array(filled, figure->panel_count, sizeof *filled->panels);
    filled->chart = (struct chart){ figure->name, figure->title != NULL ? figure->title : experiment->question,
                                    figure->subtitle, filled->panels, figure->panel_count };
    for (size_t i = 0; i < figure->panel_count; i++) {
        struct drawing drawing = { .rows = rows,
                                   .experiment = experiment,
                                   .panel = &figure->panels[i],
                                   .filled = filled,
                                   .chart = &filled->panels[i],
                                   .factor = 1 };
        fill_panel(&drawing);
    }
}

void filled_figure_free(struct filled_figure *filled)
{
    for (size_t i = 0; i < filled->text_count; i++)
        free(filled->texts[i]);
    for (size_t i = 0; i < filled->array_count; i++)
        free(filled->arrays[i]);
    free(filled->texts);
    free(filled->arrays);
    *filled = (struct filled_figure){ 0 };
}
