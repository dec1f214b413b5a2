/* SPDX-License-Identifier: Apache-2.0
 *
 * A table has a line for each group of rows and a column for each quantity; with `across`, one for each value of that
 * axis, and with several quantities but no rows, a line for each quantity.
 */
#define _GNU_SOURCE
#include "experiment/tables.h"

#include <math.h>
#include <stdlib.h>
#include <string.h>

#include "base/check.h"
#include "base/text.h"
#include "experiment/costs.h"
#include "experiment/groups.h"
#include "experiment/read.h"

#define AXES_MAX 64
#define COST_COLUMNS 6

struct filling {
    const struct experiment_rows *rows;
    const struct experiment *experiment;
    const struct experiment_table *table;
    struct groups lines, across;
    bool is_turned; /* lines are quantities */
    struct filled_table *filled;
};

const char *column_title(const struct experiment *experiment, const struct experiment_column *column)
{
    const struct formula *formula = column->formula;

    if (column->title != NULL || formula == NULL)
        return column->title != NULL ? column->title : column->label;
    if (formula->kind == FORMULA_NAME && formula->quantity != SIZE_MAX &&
        experiment->quantities[formula->quantity].title != NULL)
        return experiment->quantities[formula->quantity].title;
    return formula->kind == FORMULA_NAME ? formula->name : "";
}

const char *column_unit(const struct experiment *experiment, const struct experiment_column *column)
{
    const struct formula *formula = column->formula;

    if (column->unit != NULL || formula == NULL)
        return column->unit != NULL ? column->unit : "";
    if (formula->kind == FORMULA_NAME && formula->quantity != SIZE_MAX && formula->over != OVER_COUNT &&
        experiment->quantities[formula->quantity].unit != NULL)
        return experiment->quantities[formula->quantity].unit;
    return "";
}

static void add_head(struct filled_table *filled, const char *title, const char *unit)
{
    size_t count = filled->column_count;

    *(char **)ARRAY_ADD(filled->heads, count) = text_copy(title);
    *(char **)ARRAY_ADD(filled->units, filled->column_count) = text_copy(unit);
}

static void add_heads(struct filling *filling)
{
    const struct experiment_table *table = filling->table;
    struct filled_table *filled = filling->filled;
    char title[400];

    for (size_t i = 0; i < table->rows.count; i++)
        add_head(filled, table->rows.names[i], "");
    if (filling->is_turned)
        add_head(filled, "", "");
    filled->label_columns = filled->column_count;
    for (size_t i = 0; i < (filling->is_turned ? 1 : table->column_count); i++) {
        const char *name = column_title(filling->experiment, &table->columns[i]);
        const char *unit = column_unit(filling->experiment, &table->columns[i]);
        bool is_single = table->column_count == 1 || filling->is_turned;

        if (table->across == NULL)
            add_head(filled, name, unit);
        for (size_t j = 0; table->across != NULL && j < filling->across.count; j++) {
            (void)snprintf(title, sizeof title, "%.180s%s%.180s", is_single ? "" : name, is_single ? "" : ", ",
                           filling->across.labels[j]);
            add_head(filled, title, unit);
        }
        for (size_t j = 0; table->relative_to != NULL && j < filling->across.count; j++) {
            const char *label = filling->across.labels[j];

            if (strcmp(label, table->relative_to) == 0)
                continue;
            (void)snprintf(title, sizeof title, "%.180s over %.180s", label, table->relative_to);
            add_head(filled, title, "%");
        }
    }
}

static struct filled_cell *add_cell(struct filled_table *filled, size_t *used)
{
    return ARRAY_ADD(filled->cells, *used);
}

static void fill_label(struct filled_table *filled, const char *text, size_t *used)
{
    struct filled_cell *cell = add_cell(filled, used);

    cell->text = text_copy(text != NULL ? text : "");
    cell->is_label = true;
}

/* Which rows a cell is about. */
struct cell_rows {
    size_t axes[AXES_MAX];
    const char *labels[AXES_MAX];
    struct selection selection;
};

static void select_rows(const struct filling *filling, size_t line, const char *label, struct cell_rows *rows)
{
    const struct experiment_table *table = filling->table;
    struct selection *selection = &rows->selection;

    CHECK(table->rows.count + 1 < AXES_MAX);
    *selection = (struct selection){ .where = table->where, .axes = rows->axes, .labels = rows->labels };
    for (; selection->count < table->rows.count; selection->count++) {
        rows->axes[selection->count] = table->rows.axes[selection->count];
        rows->labels[selection->count] = group_labels(&filling->lines, line)[selection->count];
    }
    if (table->across != NULL) {
        rows->axes[selection->count] = table->across_axis;
        rows->labels[selection->count++] = label;
    }
}

static struct reading read_cell(const struct filling *filling, const struct experiment_column *column, size_t line,
                                const char *label)
{
    struct cell_rows rows;

    select_rows(filling, line, label, &rows);
    return reading_of(filling->rows, filling->experiment, column->formula, &rows.selection);
}

/* All labels of the rows on an axis, in the order of the axis. */
static void fill_labels(struct filling *filling, const struct experiment_column *column, size_t line, const char *label,
                        size_t *used)
{
    struct filled_cell *cell = add_cell(filling->filled, used);
    const struct experiment_axis *axis = &filling->experiment->axes[column->label_axis];
    struct cell_rows rows;
    size_t bytes;
    FILE *out = open_memstream(&cell->text, &bytes);
    bool is_first = true;

    CHECK(out != NULL);
    select_rows(filling, line, label, &rows);
    for (size_t i = 0; i < axis->value_count; i++) {
        size_t row = 0;

        while (row < filling->rows->count &&
               (filling->rows->rows[row].labels[column->label_axis] == NULL ||
                strcmp(filling->rows->rows[row].labels[column->label_axis], axis->values[i]) != 0 ||
                !is_selected(&rows.selection, &filling->rows->rows[row])))
            row++;
        if (row < filling->rows->count)
            fprintf(out, "%s%s", is_first ? "" : ", ", axis->values[i]);
        is_first = is_first && row == filling->rows->count;
    }
    CHECK(fclose(out) == 0);
    cell->is_label = true;
}

static void fill_value(struct filling *filling, const struct experiment_column *column, struct reading reading,
                       size_t *used)
{
    struct filled_cell *cell = add_cell(filling->filled, used);
    char text[READING_TEXT_BYTES];
    double factor = column->unit != NULL ? unit_factor(reading_unit(filling->experiment, &reading), column->unit) : 1;

    reading_text(filling->experiment, &reading, column->unit, column->decimals, filling->table->has_intervals, text);
    cell->text = text_copy(text);
    reading.value *= factor;
    reading.half *= factor;
    cell->reading = reading;
}

/* "+47 %" */
static void fill_relative(struct filling *filling, struct reading reading, struct reading base, size_t *used)
{
    struct filled_cell *cell = add_cell(filling->filled, used);
    double change = base.value != 0 ? 100 * (reading.value / base.value - 1) : NAN;

    cell->reading =
        (struct reading){ .value = change, .half = NAN, .low = NAN, .high = NAN, .n = reading.n, .quantity = SIZE_MAX };
    if (isnan(change))
        cell->text = text_copy("-");
    else
        CHECK(asprintf(&cell->text, "%+.*f %%", fabs(change) < 9.95 ? 1 : 0, change) > 0);
}

static void fill_column(struct filling *filling, const struct experiment_column *column, size_t line, size_t *used)
{
    const struct experiment_table *table = filling->table;
    const struct groups *across = &filling->across;
    size_t base = 0;

    if (column->formula == NULL) {
        for (size_t i = 0; i < (table->across != NULL ? across->count : 1); i++)
            fill_labels(filling, column, line, table->across != NULL ? across->labels[i] : NULL, used);
        return;
    }
    if (table->across == NULL) {
        fill_value(filling, column, read_cell(filling, column, line, NULL), used);
        return;
    }
    for (size_t i = 0; i < across->count; i++)
        fill_value(filling, column, read_cell(filling, column, line, across->labels[i]), used);
    if (table->relative_to == NULL)
        return;
    while (base < across->count && strcmp(across->labels[base], table->relative_to) != 0)
        base++;
    for (size_t i = 0; i < across->count; i++)
        if (i != base)
            fill_relative(filling, read_cell(filling, column, line, across->labels[i]),
                          base < across->count ? read_cell(filling, column, line, across->labels[base])
                                               : (struct reading){ .value = NAN },
                          used);
}

static void fill_cost(struct filled_table *filled, const struct cost_row *row, size_t *used)
{
    const char *const texts[] = { row->path, row->value, row->typical, row->range, row->tag, row->source };

    for (size_t i = 0; i < COST_COLUMNS; i++)
        fill_label(filled, texts[i], used);
    filled->row_count++;
}

/* A line for each cost: its value in the run, that of its profile, the range, and what it rests on. */
static void fill_costs(struct filled_table *filled, const struct experiment *experiment,
                       const struct experiment_table *table)
{
    static const char *const heads[] = { "cost", "value", "typical", "range", "tag", "rests on" };
    const struct scenario *scenario = &experiment->runs[table->cost_run].scenarios[0];
    struct cost_row row;
    size_t used = 0;

    for (size_t i = 0; i < COST_COLUMNS; i++)
        add_head(filled, heads[i], "");
    filled->label_columns = COST_COLUMNS;
    for (size_t i = 0; i < table->cost_count; i++)
        if (cost_find(scenario, table->costs[i], &row))
            fill_cost(filled, &row, &used);
    for (size_t i = 0; table->has_chosen_costs && cost_chosen(scenario, i, &row); i++)
        fill_cost(filled, &row, &used);
}

static void fill_number(struct filling *filling, const struct experiment_published *published, double value,
                        size_t *used)
{
    struct reading reading = {
        .value = value, .half = NAN, .low = NAN, .high = NAN, .quantity = published->quantity, .n = 1
    };

    fill_value(filling, &(struct experiment_column){ .decimals = -1 }, reading, used);
}

/* "69", "60 to 65" */
static char *published_text(const struct filling *filling, const struct experiment_published *published)
{
    struct reading low = { .value = quotient_value(published->low), .half = NAN, .quantity = published->quantity };
    struct reading high = { .value = quotient_value(published->high), .half = NAN, .quantity = published->quantity };
    char from[READING_TEXT_BYTES], to[READING_TEXT_BYTES], *text;
    bool is_one = quotient_compare(published->low, published->high) == 0;

    reading_text(filling->experiment, &low, NULL, -1, false, from);
    reading_text(filling->experiment, &high, NULL, -1, false, to);
    CHECK(asprintf(&text, "%s%s%s", from, is_one ? "" : " to ", is_one ? "" : to) > 0);
    return text;
}

/* A line for each published value: what was found there, at least, at most, and on the average of `where`. */
static void fill_published(struct filling *filling)
{
    const struct experiment *experiment = filling->experiment;
    const struct experiment_table *table = filling->table;
    struct filled_table *filled = filling->filled;
    const char *mean = table->where_text != NULL ? table->where_text : "mean";
    const char *const heads[] = { "published", "value", "found, from", "to", mean, "inside", "tag", "source" };
    size_t used = 0;

    for (size_t i = 0; i < sizeof heads / sizeof heads[0]; i++)
        add_head(filled, heads[i], "");
    filled->label_columns = 1;
    for (size_t i = 0; i < experiment->published_count; i++) {
        const struct experiment_published *published = &experiment->published[i];
        struct reading all = reading_of_published(filling->rows, experiment, published, NULL);
        struct reading some = reading_of_published(filling->rows, experiment, published, table->where);
        char *value = published_text(filling, published);

        fill_label(filled, published->name != NULL ? published->name : published->quantity_name, &used);
        fill_label(filled, value, &used);
        fill_number(filling, published, all.low, &used);
        fill_number(filling, published, all.high, &used);
        fill_number(filling, published, some.value, &used);
        fill_label(filled, all.reason != NULL ? "-" : reading_is_inside(&all, published) ? "yes" : "**no**", &used);
        fill_label(filled, published->tag, &used);
        fill_label(filled, published->source, &used);
        filled->row_count++;
        free(value);
    }
}

void table_fill(struct filled_table *filled, const struct experiment_rows *rows, const struct experiment *experiment,
                const struct experiment_table *table)
{
    struct filling filling = { .rows = rows, .experiment = experiment, .table = table, .filled = filled };
    size_t used = 0;

    *filled = (struct filled_table){ .title = table->title != NULL ? text_copy(table->title) : NULL };
    if (table->cost_count > 0 || table->has_chosen_costs) {
        fill_costs(filled, experiment, table);
        return;
    }
    if (table->is_published) {
        fill_published(&filling);
        return;
    }
    filling.is_turned = table->rows.count == 0 && table->column_count > 1;
    groups_find(&filling.lines, rows, experiment, table->where, table->rows.axes, table->rows.count);
    if (table->across != NULL)
        groups_find(&filling.across, rows, experiment, table->where, &table->across_axis, 1);
    add_heads(&filling);
    filled->row_count = filling.is_turned ? table->column_count : filling.lines.count;
    for (size_t line = 0; line < filled->row_count; line++) {
        for (size_t i = 0; i < table->rows.count; i++)
            fill_label(filled, group_labels(&filling.lines, line)[i], &used);
        if (filling.is_turned)
            fill_label(filled, column_title(experiment, &table->columns[line]), &used);
        for (size_t i = filling.is_turned ? line : 0; i < (filling.is_turned ? line + 1 : table->column_count); i++)
            fill_column(&filling, &table->columns[i], filling.is_turned ? 0 : line, &used);
    }
    groups_free(&filling.lines);
    groups_free(&filling.across);
}

void filled_table_free(struct filled_table *filled)
{
    for (size_t i = 0; i < filled->column_count; i++) {
        free(filled->heads[i]);
        free(filled->units[i]);
    }
    for (size_t i = 0; i < filled->row_count * filled->column_count; i++)
        free(filled->cells[i].text);
    free(filled->heads);
    free(filled->units);
    free(filled->cells);
    free(filled->title);
    *filled = (struct filled_table){ 0 };
}
