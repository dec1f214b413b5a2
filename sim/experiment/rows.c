/* SPDX-License-Identifier: Apache-2.0
 *
 * Collects rows from results, from the tables of samples and from data.csv, and writes data.csv.
 */
#define _GNU_SOURCE
#include "experiment/rows.h"

#include <stdarg.h>
#include <stdlib.h>
#include <string.h>

#include "base/check.h"
#include "base/text.h"
#include "experiment/keys.h"
#include "experiment/read.h"
#include "experiment/siblings.h"
#include "result/report.h"
#include "scenario/sample.h"
#include "sweep/table.h"

void rows_init(struct experiment_rows *rows)
{
    *rows = (struct experiment_rows){ 0 };
    result_set_init(&rows->results);
    rows->siblings = siblings_new();
}

void rows_free(struct experiment_rows *rows)
{
    for (size_t i = 0; i < rows->count; i++) {
        free(rows->rows[i].labels);
        free(rows->rows[i].values);
        free(rows->rows[i].replay);
    }
    for (size_t i = 0; i < rows->text_count; i++)
        free(rows->texts[i]);
    for (size_t i = 0; i < rows->message_count; i++)
        free(rows->messages[i]);
    result_set_free(&rows->results);
    siblings_free(rows->siblings);
    free(rows->rows);
    free(rows->texts);
    free(rows->messages);
    *rows = (struct experiment_rows){ 0 };
}

void rows_message(struct experiment_rows *rows, const char *format, ...)
{
    va_list arguments;
    char *text;

    va_start(arguments, format);
    CHECK(vasprintf(&text, format, arguments) >= 0);
    va_end(arguments);
    *(char **)ARRAY_ADD(rows->messages, rows->message_count) = text;
}

struct experiment_row *rows_add(struct experiment_rows *rows, const struct experiment *experiment, size_t run)
{
    struct experiment_row *row;

    if (rows->count == rows->capacity) {
        rows->capacity = rows->capacity * 2 + 64;
        rows->rows = realloc(rows->rows, rows->capacity * sizeof *rows->rows);
        CHECK(rows->rows != NULL);
    }
    siblings_forget(rows->siblings);
    row = &rows->rows[rows->count++];
    *row = (struct experiment_row){ .run = run };
    row->labels = calloc(experiment->axis_count, sizeof *row->labels);
    row->values = calloc(experiment->quantity_count + 1, sizeof *row->values);
    CHECK(row->labels != NULL && row->values != NULL);
    row->labels[AXIS_RUN] = experiment->runs[run].name;
    return row;
}

void rows_label(struct experiment_rows *rows, struct experiment *experiment, struct experiment_row *row, size_t axis,
                const char *label)
{
    size_t index = experiment_add_label(&experiment->axes[axis], label);

    if (index == SIZE_MAX) { /* one of very many drawn values */
        *(char **)ARRAY_ADD(rows->texts, rows->text_count) = text_copy(label);
        row->labels[axis] = rows->texts[rows->text_count - 1];
    } else {
        row->labels[axis] = experiment->axes[axis].values[index];
    }
}

void rows_label_path(struct experiment_rows *rows, struct experiment *experiment, struct experiment_row *row,
                     const char *path, const char *label)
{
    const char *equals = strcmp(path, "vary") == 0 ? strchr(label, '=') : NULL;

    for (size_t i = 0; i < experiment->axis_count; i++)
        if (strcmp(experiment->axes[i].path, path) == 0)
            rows_label(rows, experiment, row, i, label);
    if (equals != NULL) { /* two labels, as read_vary.c says */
        char *parameter = text_copy_bytes(label, (size_t)(equals - label));
        rows_label_path(rows, experiment, row, "parameter", parameter);
        rows_label_path(rows, experiment, row, "value", equals + 1);
        free(parameter);
    }
}

/* The design of a cell, which any of its axes may set. */
static void label_design(struct experiment_rows *rows, struct experiment *experiment, struct experiment_row *row,
                         const struct scenario *scenario, size_t cell)
{
    struct scenario *loaded = malloc(sizeof *loaded);
    struct diag diag;

    CHECK(loaded != NULL);
    diag_init(&diag);
    if (scenario_cell_load(loaded, scenario, cell, &diag) == SCENARIO_OK) {
        rows_label(rows, experiment, row, AXIS_DESIGN, loaded->setup.hypervisor.design);
        scenario_free(loaded);
    }
    diag_free(&diag);
    free(loaded);
}

void rows_label_cell(struct experiment_rows *rows, struct experiment *experiment, struct experiment_row *row,
                     const struct scenario *scenario, size_t cell)
{
    size_t *indices = calloc(scenario->axis_count + 1, sizeof *indices);

    CHECK(indices != NULL);
    scenario_cell_indices(scenario, cell, indices);
    rows_label(rows, experiment, row, AXIS_SCENARIO, scenario->name);
    label_design(rows, experiment, row, scenario, cell);
    for (size_t i = 0; i < scenario->axis_count; i++)
        rows_label_path(rows, experiment, row, scenario->axes[i].path, scenario->axes[i].values[indices[i]].label);
    free(indices);
}

/* --- results --- */

static struct quotient metric_of(const struct result *result, const char *name)
{
    const struct metric *metric = metric_find(&result->metrics, name);

    return metric != NULL ? quotient_from((int128)metric->numerator, (int128)metric->denominator)
                          : (struct quotient){ 0 };
}

static void fill_values(const struct experiment *experiment, struct experiment_row *row)
{
    for (size_t i = 0; i < experiment->quantity_count; i++) {
        const struct experiment_quantity *quantity = &experiment->quantities[i];

        if (quantity->is_key && !key_value(row->result->resolved, quantity->name, &row->values[i]))
            row->values[i].state = QUOTIENT_ABSENT;
        else if (!quantity->is_key && quantity->formula == NULL)
            row->values[i] = metric_of(row->result, quantity->name);
    }
}

void rows_add_results(struct experiment_rows *rows, struct experiment *experiment, size_t run, struct result_set *set)
{
    size_t first = rows->results.count;

    result_set_append_all(&rows->results, set);
    for (size_t i = first; i < rows->results.count; i++) {
        const struct result *result = &rows->results.results[i];
        struct experiment_row *row = rows_add(rows, experiment, run);
        char seed[24];

        (void)snprintf(seed, sizeof seed, "%llu", (unsigned long long)result->seed);
        rows_label(rows, experiment, row, AXIS_SCENARIO, result->scenario);
        rows_label(rows, experiment, row, AXIS_DESIGN, result->design);
        rows_label(rows, experiment, row, AXIS_SEED, seed);
        for (size_t j = 0; j < result->axis_count; j++)
            rows_label_path(rows, experiment, row, result->axes[j].path, result->axes[j].value);
    }
    /* The array of results may have moved. */
    for (size_t i = 0, next = 0; i < rows->count; i++) {
        bool is_simulated = rows->rows[i].result != NULL || i >= rows->count - (rows->results.count - first);

        if (is_simulated)
            rows->rows[i].result = &rows->results.results[next++];
    }
    for (size_t i = rows->count - (rows->results.count - first); i < rows->count; i++)
        fill_values(experiment, &rows->rows[i]);
}

/* --- the table of a sample --- */

/* "LABEL/LABEL:METRIC" of a cell, as population_table.c names columns. */
static void column_name(const struct scenario *scenario, const size_t *indices, const char *metric, char *name,
                        size_t bytes)
{
    size_t used = 0;

    name[0] = '\0';
    for (size_t i = 0; i < scenario->axis_count && used < bytes; i++)
        used += (size_t)snprintf(name + used, bytes - used, "%.60s%s", scenario->axes[i].values[indices[i]].label,
                                 i + 1 < scenario->axis_count ? "/" : ":");
    if (used < bytes)
        (void)snprintf(name + used, bytes - used, "%s", metric);
}

static struct quotient number_of(const char *field)
{
    struct quotient value = { .state = QUOTIENT_NOTHING };

    if (field[0] != '\0' && quotient_read(field, &value) != strlen(field))
        value = (struct quotient){ .state = QUOTIENT_TOO_LONG };
    return value;
}

/* Adds a row for each machine in one cell of the matrix. */
static void add_machines(struct experiment_rows *rows, struct experiment *experiment, size_t run, const struct csv *csv,
                         size_t cell)
{
    const struct scenario *scenario = &experiment->runs[run].scenarios[0];
    size_t *indices = calloc(scenario->axis_count + 1, sizeof *indices);
    char name[512], message[200];

    CHECK(indices != NULL);
    scenario_cell_indices(scenario, cell, indices);
    for (size_t i = 0; i < csv->row_count; i++) {
        struct experiment_row *row = rows_add(rows, experiment, run);

        if (i == 0)
            rows_label_cell(rows, experiment, row, scenario, cell);
        else
            memcpy(row->labels, row[-1].labels, experiment->axis_count * sizeof *row->labels);
        rows_label(rows, experiment, row, AXIS_SEED, csv_field(csv, i, 0));
        for (size_t j = 1; j < csv->column_count; j++)
            rows_label_path(rows, experiment, row, csv->names[j], csv_field(csv, i, j));
        for (size_t j = 0; j < experiment->quantity_count; j++) {
            size_t column;

            if (experiment->quantities[j].formula != NULL)
                continue;
            column_name(scenario, indices, experiment->quantities[j].name, name, sizeof name);
            if (csv_column(csv, name, &column, message, sizeof message))
                row->values[j] = number_of(csv_field(csv, i, column));
        }
    }
    free(indices);
}

bool rows_add_table(struct experiment_rows *rows, struct experiment *experiment, size_t run, const char *path,
                    char *message, size_t message_bytes)
{
    struct csv csv;
    bool is_good = csv_read(&csv, path, message, message_bytes);

    for (size_t cell = 0; is_good && cell < scenario_cell_count(&experiment->runs[run].scenarios[0]); cell++)
        add_machines(rows, experiment, run, &csv, cell);
    csv_free(&csv);
    return is_good;
}

/* --- data.csv --- */

static size_t find_run(const struct experiment *experiment, const char *name)
{
    for (size_t i = 0; i < experiment->run_count; i++)
        if (strcmp(experiment->runs[i].name, name) == 0)
            return i;
    return SIZE_MAX;
}

static void read_row(struct experiment_rows *rows, struct experiment *experiment, const struct csv *csv, size_t line,
                     size_t run)
{
    struct experiment_row *row = rows_add(rows, experiment, run);

    for (size_t i = 1; i < csv->column_count; i++) {
        const char *field = csv_field(csv, line, i);
        size_t quantity = experiment_find_quantity(experiment, csv->names[i]);
        size_t axis = quantity == SIZE_MAX ? experiment_find_axis(experiment, csv->names[i]) : SIZE_MAX;

        if (axis != SIZE_MAX && field[0] != '\0')
            rows_label(rows, experiment, row, axis, field);
        else if (quantity != SIZE_MAX && field[0] != '\0')
            row->values[quantity] = number_of(field);
    }
}

bool rows_read_csv(struct experiment_rows *rows, struct experiment *experiment, const char *path, char *message,
                   size_t message_bytes)
{
    struct csv csv;
    bool is_good = csv_read(&csv, path, message, message_bytes);

    if (is_good && strcmp(csv.names[0], "run") != 0) {
        (void)snprintf(message, message_bytes, "%s: not the data of an experiment: the first column is not 'run'",
                       path);
        is_good = false;
    }
    for (size_t i = 0; is_good && i < csv.row_count; i++) {
        size_t run = find_run(experiment, csv_field(&csv, i, 0));

        if (run != SIZE_MAX)
            read_row(rows, experiment, &csv, i, run);
    }
    csv_free(&csv);
    return is_good;
}

bool rows_have_axis(const struct experiment_rows *rows, size_t axis)
{
    for (size_t i = 0; i < rows->count; i++)
        if (rows->rows[i].labels[axis] != NULL)
            return true;
    return false;
}

void rows_write_csv(const struct experiment_rows *rows, const struct experiment *experiment, FILE *out)
{
    const char *separator = "";
    char text[48];

    for (size_t i = 0; i < experiment->axis_count; i++) {
        if (i != AXIS_RUN && !rows_have_axis(rows, i))
            continue;
        fputs(separator, out);
        csv_print_field(experiment->axes[i].name, out);
        separator = ",";
    }
    for (size_t i = 0; i < experiment->quantity_count; i++) {
        fputs(separator, out);
        csv_print_field(experiment->quantities[i].name, out);
    }
    fputc('\n', out);
    for (size_t r = 0; r < rows->count; r++) {
        const struct experiment_row *row = &rows->rows[r];

        separator = "";
        for (size_t i = 0; i < experiment->axis_count; i++) {
            if (i != AXIS_RUN && !rows_have_axis(rows, i))
                continue;
            fputs(separator, out);
            csv_print_field(row->labels[i] != NULL ? row->labels[i] : "", out);
            separator = ",";
        }
        for (size_t i = 0; i < experiment->quantity_count; i++)
            fprintf(out, "%s%s", separator, quotient_text(row->values[i], text));
        fputc('\n', out);
    }
}
