/* SPDX-License-Identifier: Apache-2.0
 *
 * See values.h. Each base is compared with its own columns, as `irqpath compare` does.
 */
#define _GNU_SOURCE
#include "report/values.h"

#include <math.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "base/check.h"
#include "base/text.h"
#include "compare/report_parts.h"
#include "plot/series.h"
#include "result/metric_catalogue.h"
#include "result/report.h"

static void make_columns(struct values *values, const struct compare_groups *groups);
static void make_rows(struct values *values);
static void fill(struct values *values, size_t base);

void values_make(struct values *values, const struct compare_groups *groups, double threshold_percent)
{
    *values = (struct values){ .threshold_percent = threshold_percent, .column_count = groups->count };
    make_columns(values, groups);
    make_rows(values);
    values->cells = calloc(values->row_count * values->column_count + 1, sizeof *values->cells);
    CHECK(values->cells != NULL);
    for (size_t i = 0; i < values->column_count; i++)
        if (values->columns[i].base == i)
            fill(values, i);
}

void values_free(struct values *values)
{
    for (size_t i = 0; i < values->column_count; i++) {
        free(values->columns[i].label);
        free(values->columns[i].answer);
    }
    free(values->columns);
    free(values->metrics);
    free(values->cells);
    *values = (struct values){ 0 };
}

const struct value *values_at(const struct values *values, size_t row, size_t column)
{
    return &values->cells[row * values->column_count + column];
}

/* The next axis of the cell from number `from` that is not the design. */
static size_t next_axis(const struct result *cell, size_t from)
{
    while (from < cell->axis_count && strcmp(cell->axes[from].path, "hypervisor.design") == 0)
        from++;
    return from;
}

static bool are_comparable(const struct result *left, const struct result *right)
{
    size_t i = next_axis(left, 0), j = next_axis(right, 0);

    for (; i < left->axis_count && j < right->axis_count; i = next_axis(left, i + 1), j = next_axis(right, j + 1))
        if (strcmp(left->axes[i].path, right->axes[j].path) != 0 ||
            strcmp(left->axes[i].value, right->axes[j].value) != 0)
            return false;
    return i == left->axis_count && j == right->axis_count && strcmp(left->scenario, right->scenario) == 0;
}

static void make_columns(struct values *values, const struct compare_groups *groups)
{
    values->columns = calloc(groups->count + 1, sizeof *values->columns);
    CHECK(values->columns != NULL);
    for (size_t i = 0; i < groups->count; i++) {
        struct value_column *column = &values->columns[i];
        char label[PLOT_LABEL_BYTES];
        column->group = &groups->groups[i];
        plot_group_label(column->group, NULL, label);
        column->label = text_copy(label);
        while (column->base < i && !are_comparable(groups->groups[column->base].first, column->group->first))
            column->base++;
    }
}

/* Takes every name that a result has. */
static void make_rows(struct values *values)
{
    size_t total = 0, count = 0;

    for (size_t i = 0; i < values->column_count; i++) {
        CHECK(values->columns[i].group != NULL);
        for (size_t seed = 0; seed < values->columns[i].group->side.count; seed++)
            total += values->columns[i].group->side.results[seed]->metrics.count;
    }
    values->metrics = calloc(total + 1, sizeof *values->metrics);
    CHECK(values->metrics != NULL);
    for (size_t i = 0; i < values->column_count; i++)
        for (size_t seed = 0; seed < values->columns[i].group->side.count; seed++) {
            const struct metrics *metrics = &values->columns[i].group->side.results[seed]->metrics;
            for (size_t row = 0; row < metrics->count; row++)
                values->metrics[count++] = metrics->rows[row].name;
        }
    values->row_count = metric_names_sort(values->metrics, count);
}

/* A copy whose array the comparison may free. */
static struct compare_side copy_side(const struct compare_side *side, const char *label)
{
    struct compare_side copy;

    compare_side_init(&copy, label);
    for (size_t i = 0; i < side->count; i++)
        compare_side_add(&copy, side->results[i]);
    return copy;
}

static void fill_difference(struct value *cell, const struct comparison *comparison, const struct compare_row *row,
                            size_t side)
{
    char text[REPORT_TEXT_BYTES];

    cell->verdict = row->differences[side].verdict;
    cell->sure_size = report_sure_size(row, side);
    if (isnan(row->differences[side].estimate.value))
        return;
    report_change(row, side, text, sizeof text);
    snprintf(cell->change, sizeof cell->change, "%.47s", text);
    report_verdict(comparison, row, side, false, text, sizeof text);
    snprintf(cell->verdict_text, sizeof cell->verdict_text, "%.47s", text);
}

static void fill_column(struct values *values, size_t column, const struct comparison *comparison, size_t side)
{
    const struct compare_side *results = &values->columns[column].group->side;

    for (size_t row = 0, from = 0; row < values->row_count && from < comparison->row_count; row++) {
        const struct compare_row *source = &comparison->rows[from];
        if (strcmp(values->metrics[row], source->metric) != 0)
            continue;
        from++;
        struct value *cell = &values->cells[row * values->column_count + column];
        for (size_t i = 0; i < results->count && !cell->is_reported; i++)
            cell->is_reported = metric_find(&results->results[i]->metrics, source->metric) != NULL;
        cell->mean = source->means[side];
        cell->unobserved = source->unobserved[side];
        cell->only = results->count == 1 ? metric_find(&results->results[0]->metrics, source->metric) : NULL;
        cell->sure_size = -1;
        if (side > 0)
            fill_difference(cell, comparison, source, side);
    }
}

/* Compares the base with its columns. */
static void fill(struct values *values, size_t base)
{
    struct compare_side *sides = calloc(values->column_count, sizeof *sides);
    size_t *columns = calloc(values->column_count, sizeof *columns), count = 0;
    struct comparison comparison;

    CHECK(sides != NULL && columns != NULL);
    for (size_t i = base; i < values->column_count; i++)
        if (values->columns[i].base == base) {
            columns[count] = i;
            sides[count++] = copy_side(&values->columns[i].group->side, values->columns[i].label);
        }
    comparison_make(&comparison, sides, count, values->threshold_percent);
    for (size_t side = 0; side < count; side++)
        fill_column(values, columns[side], &comparison, side);
    if (count > 1) {
        char answer[REPORT_TEXT_BYTES];
        report_answer(&comparison, answer, sizeof answer);
        values->columns[base].answer = text_copy(answer);
    }
    comparison_free(&comparison);
    free(columns);
    free(sides);
}

/* --- texts --- */

void value_text(const struct value *value, const char *unit, char text[VALUES_TEXT_BYTES])
{
    char number[METRIC_TEXT_BYTES], half[METRIC_TEXT_BYTES];
    double half_width = statistics_half_width(&value->mean);
    bool is_number = !isnan(value->mean.value);
    const char *shown_unit = !is_number ? "" : strcmp(unit, "%") == 0 ? " %" : strcmp(unit, "1/s") == 0 ? "/s" : "";

    metric_format(value->mean.value, unit, number);
    metric_format(half_width, unit, half);
    if (!value->is_reported)
        strcpy(text, "");
    else if (is_number && isfinite(half_width) && half_width > 0)
        snprintf(text, VALUES_TEXT_BYTES, "%s ±%s%s", number, half, shown_unit);
    else
        snprintf(text, VALUES_TEXT_BYTES, "%s%s", number, shown_unit);
}

void value_exact(const struct value *value, char text[VALUES_TEXT_BYTES])
{
    json_t *json = value->only != NULL ? json_from_metric(value->only)
                                       : json_from_double(value->is_reported ? value->mean.value : NAN);
    char *dump = json_dumps(json, JSON_ENCODE_ANY | JSON_REAL_PRECISION(15));

    CHECK(dump != NULL);
    snprintf(text, VALUES_TEXT_BYTES, "%s", dump);
    free(dump);
    json_decref(json);
}
