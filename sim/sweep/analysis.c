/* SPDX-License-Identifier: Apache-2.0
 *
 * Analyses the table of a population.
 */
#define _GNU_SOURCE
#include "sweep/analysis.h"

#include <math.h>
#include <stdlib.h>
#include <string.h>

#include "base/check.h"
#include "result/metric_catalogue.h"
#include "sample/indices.h"
#include "sweep/drawn.h"
#include "sweep/table.h"

#define CATEGORIES_MAX 20 /* values of a column that get a row each */

struct selection {
    const struct csv *csv;
    size_t *rows; /* where the metric has an observation */
    double *metric;
    size_t count;
};

struct input {
    size_t column;
    struct sample_index index;
};

static bool counts(const struct analysis *analysis, double metric)
{
    return metric > analysis->above && metric < analysis->below;
}

/* Splits COLUMN=VALUE. */
static bool find_condition(const struct csv *csv, const char *where, size_t *column, const char **value, char *message,
                           size_t message_bytes)
{
    const char *equals = strchr(where, '=');
    char name[128];

    if (equals == NULL || equals - where >= (long)sizeof(name)) {
        snprintf(message, message_bytes, "expected COLUMN=VALUE, not '%.100s'", where);
        return false;
    }
    snprintf(name, sizeof(name), "%.*s", (int)(equals - where), where);
    *value = equals + 1;
    return csv_column(csv, name, column, message, message_bytes);
}

static bool select_rows(struct selection *selection, const struct analysis *analysis, char *message,
                        size_t message_bytes)
{
    const struct csv *csv = selection->csv;
    size_t metric, condition = 0;
    const char *value = NULL;

    if (!csv_column(csv, analysis->metric, &metric, message, message_bytes) ||
        (analysis->where != NULL && !find_condition(csv, analysis->where, &condition, &value, message, message_bytes)))
        return false;
    selection->rows = calloc(csv->row_count, sizeof(*selection->rows));
    selection->metric = calloc(csv->row_count, sizeof(*selection->metric));
    CHECK(selection->rows != NULL && selection->metric != NULL);
    for (size_t i = 0; i < csv->row_count; i++) {
        double observed = csv_number(csv_field(csv, i, metric));
        if (isnan(observed) || (value != NULL && strcmp(csv_field(csv, i, condition), value) != 0))
            continue;
        selection->rows[selection->count] = i;
        selection->metric[selection->count++] = observed;
    }
    if (selection->count > 0)
        return true;
    snprintf(message, message_bytes, "no machine is left");
    return false;
}

/* Prints share and quantiles of the machines with this value of a column; of all, when `value` is NULL. */
static void print_share(const struct analysis *analysis, const struct selection *selection, size_t by,
                        const char *value, FILE *out)
{
    static const double quantiles[] = { 0.1, 0.25, 0.5, 0.75, 0.9, 0.95, 0.99, 1 };
    double *metric = calloc(selection->count, sizeof(*metric));
    size_t count = 0, hits = 0;
    const char *by_name = value != NULL ? analysis->by : "all";

    CHECK(metric != NULL);
    for (size_t i = 0; i < selection->count; i++) {
        if (value != NULL && strcmp(csv_field(selection->csv, selection->rows[i], by), value) != 0)
            continue;
        metric[count++] = selection->metric[i];
        hits += counts(analysis, selection->metric[i]);
    }
    struct sample_interval interval = sample_share(hits, count);
    fprintf(out, "share,%s,%s,%zu,%zu,%.5f,%.5f,%.5f\n", by_name, value != NULL ? value : "", count, hits,
            (double)hits / (double)count, interval.low, interval.high);
    sample_sort(metric, count);
    for (size_t i = 0; i < sizeof(quantiles) / sizeof(quantiles[0]); i++)
        fprintf(out, "quantile,%s,%s,%zu,%g,%.5g,,\n", by_name, value != NULL ? value : "", count, quantiles[i],
                metric[(size_t)(quantiles[i] * (double)(count - 1))]);
    free(metric);
}

/* Finds the distinct texts of a column, at most `capacity` + 1 of them. Returns their number. */
static size_t categories(const struct selection *selection, size_t column, const char **texts, size_t capacity)
{
    size_t count = 0, at;

    for (size_t i = 0; i < selection->count && count <= capacity; i++) {
        const char *text = csv_field(selection->csv, selection->rows[i], column);
        for (at = 0; at < count && strcmp(texts[at], text) != 0; at++)
            continue;
        if (at == count)
            texts[count++] = text;
    }
    return count;
}

/* Writes the group of every machine: a value of a column with few values, a part of the range of numbers. */
static size_t group(const struct selection *selection, size_t column, size_t bins, uint32_t *groups)
{
    const char **texts = calloc(selection->count + 1, sizeof *texts);

    CHECK(texts != NULL);
    for (size_t i = 0; i < selection->count; i++)
        texts[i] = csv_field(selection->csv, selection->rows[i], column);
    size_t count = drawn_groups(texts, selection->count, bins, groups);
    free(texts);
    return count;
}

static int compare_inputs(const void *left, const void *right)
{
    const struct input *a = left, *b = right;

    if (a->index.value != b->index.value)
        return a->index.value > b->index.value ? -1 : 1;
    return (a->column > b->column) - (a->column < b->column);
}

static void print_pairs(const struct selection *selection, const struct input *inputs, size_t input_count,
                        const double *output, FILE *out)
{
    uint32_t *first = calloc(selection->count, sizeof(*first)), *second = calloc(selection->count, sizeof(*second));

    CHECK(first != NULL && second != NULL);
    for (size_t i = 0; i < input_count && i < DRAWN_PAIR_INPUTS; i++)
        for (size_t j = i + 1; j < input_count && j < DRAWN_PAIR_INPUTS; j++) {
            size_t first_count = group(selection, inputs[i].column, DRAWN_PAIR_GROUPS, first);
            size_t second_count = group(selection, inputs[j].column, DRAWN_PAIR_GROUPS, second);
            for (size_t k = 0; k < selection->count; k++)
                first[k] = first[k] * (uint32_t)second_count + second[k];
            struct sample_index index =
                sample_index_first(first, first_count * second_count, output, selection->count, DRAWN_PERMUTATIONS, 1);
            fprintf(out, "pair,%s,%s,%zu,,%.4f,%.4f,\n", selection->csv->names[inputs[i].column],
                    selection->csv->names[inputs[j].column], selection->count, index.value, index.noise);
        }
    free(first);
    free(second);
}

/* Whether an earlier column has the same texts, as a value that follows from another may. */
static bool is_copy(const struct selection *selection, size_t column)
{
    for (size_t other = 1; other < column; other++) {
        size_t same = 0;
        while (same < selection->count && strcmp(csv_field(selection->csv, selection->rows[same], column),
                                                 csv_field(selection->csv, selection->rows[same], other)) == 0)
            same++;
        if (same == selection->count)
            return true;
    }
    return false;
}

/* "DESIGN:METRIC", or where a sample has one cell the metric alone. */
static bool is_metric(const char *column) { return strchr(column, ':') != NULL || metric_describe(column) != NULL; }

/* Prints the indices of all columns between the machine's number and the first metric. */
static void print_indices(const struct analysis *analysis, const struct selection *selection, FILE *out)
{
    const struct csv *csv = selection->csv;
    struct input *inputs = calloc(csv->column_count, sizeof(*inputs));
    double *output = calloc(selection->count, sizeof(*output));
    uint32_t *groups = calloc(selection->count, sizeof(*groups));
    size_t input_count = 0;

    CHECK(inputs != NULL && output != NULL && groups != NULL);
    for (size_t i = 0; i < selection->count; i++)
        output[i] = counts(analysis, selection->metric[i]);
    for (size_t column = 1; column < csv->column_count && !is_metric(csv->names[column]); column++) {
        if (is_copy(selection, column))
            continue;
        size_t group_count = group(selection, column, DRAWN_GROUPS, groups);
        inputs[input_count++] =
            (struct input){ column, sample_index_first(groups, group_count, output, selection->count,
                                                       DRAWN_PERMUTATIONS, column) };
    }
    qsort(inputs, input_count, sizeof(*inputs), compare_inputs);
    for (size_t i = 0; i < input_count; i++)
        fprintf(out, "first,%s,,%zu,,%.4f,%.4f,\n", csv->names[inputs[i].column], selection->count,
                inputs[i].index.value, inputs[i].index.noise);
    print_pairs(selection, inputs, input_count, output, out);
    free(inputs);
    free(output);
    free(groups);
}

/* --- total indices --- */

struct redraws {
    struct csv csv;
    size_t base, redrawn, metric; /* columns */
};

static size_t machine_of(const struct selection *selection, size_t at)
{
    return (size_t)csv_number(csv_field(selection->csv, selection->rows[at], 0));
}

/* Prints the total index of one group of axes from its redraws of the selected machines. */
static void print_total(const struct analysis *analysis, const struct selection *selection, const double *output,
                        const struct redraws *redraws, const char *group, double variance, FILE *out)
{
    size_t count = 0, changed = 0, at = 0;

    /* Both tables ascend by machine. */
    for (size_t row = 0; row < redraws->csv.row_count; row++) {
        double metric = csv_number(csv_field(&redraws->csv, row, redraws->metric));
        size_t base = (size_t)csv_number(csv_field(&redraws->csv, row, redraws->base));

        if (strcmp(csv_field(&redraws->csv, row, redraws->redrawn), group) != 0 || isnan(metric))
            continue;
        while (at < selection->count && machine_of(selection, at) < base)
            at++;
        if (at == selection->count || machine_of(selection, at) != base)
            continue;
        count++;
        changed += counts(analysis, metric) != (output[at] > 0);
    }
    struct sample_interval interval = sample_share(changed, count);
    fprintf(out, "total,%s,,%zu,%zu,%.4f,%.4f,%.4f\n", group, count, changed,
            (double)changed / (double)count / (2 * variance), interval.low / (2 * variance),
            interval.high / (2 * variance));
}

static bool print_totals(const struct analysis *analysis, const struct selection *selection, FILE *out, char *message,
                         size_t message_bytes)
{
    double *output = calloc(selection->count, sizeof(*output)), mean = 0;
    struct redraws redraws;

    CHECK(output != NULL);
    for (size_t i = 0; i < selection->count; i++)
        mean += (output[i] = counts(analysis, selection->metric[i])) / (double)selection->count;
    bool is_good = csv_read(&redraws.csv, analysis->redrawn, message, message_bytes) &&
                   csv_column(&redraws.csv, "base", &redraws.base, message, message_bytes) &&
                   csv_column(&redraws.csv, "redrawn", &redraws.redrawn, message, message_bytes) &&
                   csv_column(&redraws.csv, analysis->metric, &redraws.metric, message, message_bytes);
    const char *first = is_good ? csv_field(&redraws.csv, 0, redraws.base) : NULL;
    for (size_t row = 0; is_good && row < redraws.csv.row_count; row++)
        if (strcmp(csv_field(&redraws.csv, row, redraws.base), first) == 0)
            print_total(analysis, selection, output, &redraws, csv_field(&redraws.csv, row, redraws.redrawn),
                        mean * (1 - mean), out);
    csv_free(&redraws.csv);
    free(output);
    return is_good;
}

static bool print_all(const struct selection *selection, const struct analysis *analysis, FILE *out, char *message,
                      size_t message_bytes)
{
    const char *values[CATEGORIES_MAX + 1];
    size_t by = 0, count = 0;

    if (analysis->by != NULL) {
        if (!csv_column(selection->csv, analysis->by, &by, message, message_bytes))
            return false;
        count = categories(selection, by, values, CATEGORIES_MAX);
        if (count > CATEGORIES_MAX) {
            snprintf(message, message_bytes, "the column '%.100s' has more than %d values", analysis->by,
                     CATEGORIES_MAX);
            return false;
        }
    }
    fputs("row,column,value,machines,hits_or_quantile,estimate,low_or_noise,high\n", out);
    print_share(analysis, selection, 0, NULL, out);
    for (size_t i = 0; i < count; i++)
        print_share(analysis, selection, by, values[i], out);
    if (analysis->wants_indices)
        print_indices(analysis, selection, out);
    return analysis->redrawn == NULL || print_totals(analysis, selection, out, message, message_bytes);
}

bool analysis_print(const char *path, const struct analysis *analysis, FILE *out, char *message, size_t message_bytes)
{
    struct csv csv;
    struct selection selection = { .csv = &csv };
    bool is_good = csv_read(&csv, path, message, message_bytes) &&
                   select_rows(&selection, analysis, message, message_bytes) &&
                   print_all(&selection, analysis, out, message, message_bytes);

    free(selection.rows);
    free(selection.metric);
    csv_free(&csv);
    return is_good;
}
