/* SPDX-License-Identifier: Apache-2.0
 *
 * Reads the sections `tables`, `figures` and `published`.
 */
#include <stdlib.h>
#include <string.h>

#include "base/check.h"
#include "base/suggest.h"
#include "base/text.h"
#include "experiment/read.h"

/* --- columns --- */

static void read_column(const struct reader *reader, const struct node *node, struct experiment_column *column)
{
    static const char *const keys[] = { "value", "label", "title", "unit", "decimals", NULL };
    const struct node *value = node, *decimals;

    column->decimals = -1;
    column->place = node->place;
    column->label_axis = SIZE_MAX;
    if (node->kind == NODE_MAP) {
        read_check_keys(reader, node, keys);
        value = node_find(node, "value");
        column->title = read_string(reader, node, "title", "a heading");
        column->unit = read_string(reader, node, "unit", "a unit");
        decimals = node_find(node, "decimals");
        if (decimals != NULL && bind_text(&reader->binder, decimals, "a number of digits") != NULL) {
            if (strlen(decimals->text) != 1 || decimals->text[0] < '0' || decimals->text[0] > '9')
                bind_error(&reader->binder, decimals, NULL, "expected a number of digits from 0 to 9");
            else
                column->decimals = decimals->text[0] - '0';
        }
        column->label = read_string(reader, node, "label", "the name of an axis");
        if ((value == NULL) == (node_find(node, "label") == NULL))
            bind_error(&reader->binder, node, NULL, "a column has either a `value` or a `label`");
        if (value == NULL)
            return;
    }
    column->formula = read_formula(reader, value);
    if (column->title == NULL && value->kind == NODE_SCALAR && column->formula != NULL &&
        column->formula->kind != FORMULA_NAME)
        column->title = text_copy(value->text);
}

struct experiment_column *read_columns(const struct reader *reader, const struct node *node, size_t *count)
{
    struct experiment_column *columns = NULL;
    const struct node *first = node != NULL && node->kind == NODE_LIST ? node->first : node;

    *count = 0;
    for (const struct node *child = first; child != NULL; child = first == node ? NULL : child->next)
        read_column(reader, child, ARRAY_ADD(columns, *count));
    return columns;
}

void experiment_columns_free(struct experiment_column *columns, size_t count)
{
    for (size_t i = 0; i < count; i++) {
        formula_free(columns[i].formula);
        free(columns[i].title);
        free(columns[i].unit);
        free(columns[i].label);
    }
    free(columns);
}

/* Adds the run of a table or figure to its conditions. */
static struct formula *read_where(const struct reader *reader, const struct node *map)
{
    struct formula *where = read_conditions(reader, map, "where");
    char *run = read_string(reader, map, "run", "the name of a run");

    if (run != NULL && where == NULL) {
        where = calloc(1, sizeof *where);
        CHECK(where != NULL);
        where->kind = FORMULA_NAME;
        where->name = text_copy("");
        where->axis = where->quantity = SIZE_MAX;
    }
    if (run != NULL) {
        where->place = node_find(map, "run")->place;
        formula_set_run(where, run);
    }
    free(run);
    return where;
}

static char *read_placed(const struct reader *reader, const struct node *map, const char *key, struct place *place)
{
    const struct node *node = node_find(map, key);

    if (node != NULL)
        *place = node->place;
    return read_string(reader, map, key, "a name");
}

/* Numbers can be drawn and compared, labels cannot. */
static void refuse_labels(const struct reader *reader, const struct experiment_column *columns, size_t count)
{
    for (size_t i = 0; i < count; i++)
        if (columns[i].label != NULL)
            diag_error(reader->diag, columns[i].place, "a `label` is no number: it can only be shown in a table");
}

/* --- tables --- */

/* One name or a list. */
static void read_axes(const struct reader *reader, const struct node *node, struct experiment_axes *axes)
{
    const struct node *first = node != NULL && node->kind == NODE_LIST ? node->first : node;

    for (const struct node *child = first; child != NULL; child = first == node ? NULL : child->next) {
        size_t count = axes->count;
        const char *name = bind_text(&reader->binder, child, "the name of an axis");

        if (name == NULL)
            continue;
        *(char **)ARRAY_ADD(axes->names, count) = text_copy(name);
        count = axes->count;
        *(struct place *)ARRAY_ADD(axes->places, count) = child->place;
        *(size_t *)ARRAY_ADD(axes->axes, axes->count) = SIZE_MAX;
    }
}

/* A list of costs, or `chosen`, and of which run. */
static void read_costs(struct reader *reader, const struct node *map, struct experiment_table *table)
{
    static const char *const keys[] = { "title", "run", "costs", NULL };
    const struct node *node = node_find(map, "costs"), *run = node_find(map, "run");

    read_check_keys(reader, map, keys);
    for (size_t i = 0; run != NULL && run->kind == NODE_SCALAR && i < reader->experiment->run_count; i++)
        if (strcmp(reader->experiment->runs[i].name, run->text) == 0)
            table->cost_run = i;
    table->has_chosen_costs = node->kind == NODE_SCALAR && strcmp(node->text, "chosen") == 0;
    if (table->has_chosen_costs || bind_list(&reader->binder, node, "costs, or chosen") == NULL)
        return;
    for (const struct node *child = node->first; child != NULL; child = child->next) {
        size_t count = table->cost_count;

        if (bind_text(&reader->binder, child, "a cost like host.costs.wake") == NULL)
            continue;
        *(char **)ARRAY_ADD(table->costs, count) = text_copy(child->text);
        *(struct place *)ARRAY_ADD(table->cost_places, table->cost_count) = child->place;
    }
}

static void read_table(struct reader *reader, const struct node *node)
{
    static const char *const keys[] = { "title", "run",         "where",     "rows",  "columns",   "across",
                                        "value", "relative_to", "intervals", "costs", "published", NULL };
    struct experiment *experiment = reader->experiment;

    if (bind_map(&reader->binder, node, "run, rows, columns, ...") == NULL)
        return;
    struct experiment_table *table = ARRAY_ADD(experiment->tables, experiment->table_count);
    const struct node *columns = node_find(node, "columns"), *value = node_find(node, "value");
    read_check_keys(reader, node, keys);
    table->place = node->place;
    table->title = read_string(reader, node, "title", "a title");
    table->where = read_where(reader, node);
    read_axes(reader, node_find(node, "rows"), &table->rows);
    table->columns = read_columns(reader, columns != NULL ? columns : value, &table->column_count);
    table->across = read_placed(reader, node, "across", &table->across_place);
    table->across_axis = SIZE_MAX;
    table->relative_to = read_placed(reader, node, "relative_to", &table->relative_place);
    table->has_intervals = read_switch(reader, node, "intervals", false);
    table->is_published = read_switch(reader, node, "published", false);
    if (table->is_published) {
        table->where_text = read_string(reader, node, "where", "conditions");
        return;
    }
    if (node_find(node, "costs") != NULL) {
        read_costs(reader, node, table);
        return;
    }
    if (columns != NULL && value != NULL)
        bind_error(&reader->binder, value, NULL, "a table has either `columns` or `value`");
    if (table->column_count == 0)
        bind_error(&reader->binder, node, NULL, "missing key 'columns': the quantities of the table");
    if (table->rows.count == 0 && table->across == NULL)
        bind_error(&reader->binder, node, NULL, "missing key 'rows': the axes whose values get a row each");
    if (table->relative_to != NULL && table->across == NULL)
        bind_error(&reader->binder, node_find(node, "relative_to"), NULL, "relative_to needs `across`");
    if (table->relative_to != NULL)
        refuse_labels(reader, table->columns, table->column_count);
}

void read_tables(struct reader *reader, const struct node *node)
{
    node = bind_list(&reader->binder, node, "tables");
    for (const struct node *child = node != NULL ? node->first : NULL; child != NULL; child = child->next)
        read_table(reader, child);
}

/* --- figures --- */

static const char *const figure_kinds[] = {
    "bars", "lines", "dots", "ccdf", "heat", "stack", "forest", "points", NULL
};

static void read_kind(const struct reader *reader, const struct node *map, struct experiment_panel *panel)
{
    const struct node *node = node_find(map, "kind");
    const char *text = node != NULL ? bind_text(&reader->binder, node, "a kind of figure") : NULL;
    char suggestion[SUGGEST_TEXT_BYTES];
    struct suggest suggest;

    panel->kind = FIGURE_LINES;
    if (node == NULL)
        bind_error(&reader->binder, map, NULL,
                   "missing key 'kind': bars, lines, dots, ccdf, heat, stack, forest or points");
    if (text == NULL)
        return;
    suggest_init(&suggest, text);
    for (size_t i = 0; figure_kinds[i] != NULL; i++) {
        if (strcmp(text, figure_kinds[i]) == 0) {
            panel->kind = (enum experiment_figure_kind)i;
            return;
        }
        suggest_offer(&suggest, figure_kinds[i]);
    }
    bind_error(&reader->binder, node, suggest_text(&suggest, suggestion), "unknown kind of figure '%.40s'", text);
}

/* Whether the other values of a kind than LINES and CCDF lie on the x axis. */
static bool is_sideways(enum experiment_figure_kind kind)
{
    return kind == FIGURE_BARS || kind == FIGURE_DOTS || kind == FIGURE_STACK || kind == FIGURE_FOREST;
}

static void read_log(const struct reader *reader, const struct node *map, struct experiment_panel *panel)
{
    const struct node *node = node_find(map, "log");
    const char *text = node != NULL ? bind_text(&reader->binder, node, "x, y or xy") : NULL;

    if (text == NULL)
        return;
    if (text[0] == '\0' || strspn(text, "xy") != strlen(text))
        bind_error(&reader->binder, node, NULL, "expected x, y or xy, not '%.20s'", text);
    bool is_x = strchr(text, 'x') != NULL, is_y = strchr(text, 'y') != NULL;
    panel->is_key_log = is_sideways(panel->kind) ? is_y : is_x;
    panel->is_value_log = is_sideways(panel->kind) ? is_x : is_y;
}

/* `diagonal: 10 %` or on. */
static void read_diagonal(const struct reader *reader, const struct node *node, struct experiment_panel *panel)
{
    const char *text = node != NULL ? bind_text(&reader->binder, node, "on, or a share like 10 %") : NULL;
    struct quotient share;
    size_t bytes;

    if (text == NULL)
        return;
    panel->has_diagonal = true;
    bytes = quotient_read(text, &share);
    if (bytes > 0 && (strcmp(text + bytes, "%") == 0 || strcmp(text + bytes, " %") == 0))
        panel->diagonal = quotient_value(share) / 100;
    else if (strcmp(text, "on") != 0 && strcmp(text, "true") != 0)
        bind_error(&reader->binder, node, NULL, "expected on or a share like 10 %%, not '%.20s'", text);
}

/* What POINTS have that other kinds have not. */
static void read_points(const struct reader *reader, const struct node *map, struct experiment_panel *panel)
{
    const struct node *across = node_find(map, "x");

    panel->across = read_columns(reader, across, &panel->across_count);
    refuse_labels(reader, panel->across, panel->across_count);
    if (panel->across_count != 1)
        bind_error(&reader->binder, across != NULL ? across : map, NULL, "points need one quantity as `x`");
    read_axes(reader, node_find(map, "rows"), &panel->points);
    read_diagonal(reader, node_find(map, "diagonal"), panel);
}

/* The figure itself, or one of its panels, which has the keys of the figure where it has none of its own. */
static void read_panel(struct reader *reader, const struct node *node, struct experiment_panel *panel)
{
    read_kind(reader, node, panel);
    bool is_swapped = is_sideways(panel->kind);
    const struct node *values = node_find(node, is_swapped ? "x" : "y");

    panel->place = node->place;
    panel->key_axis = panel->series_axis = SIZE_MAX;
    panel->where = read_where(reader, node);
    panel->series = read_placed(reader, node, "series", &panel->series_place);
    panel->relative_to = read_placed(reader, node, "relative_to", &panel->relative_place);
    panel->key_title = read_string(reader, node, is_swapped ? "y_title" : "x_title", "a title");
    panel->value_title = read_string(reader, node, is_swapped ? "x_title" : "y_title", "a title");
    read_log(reader, node, panel);
    if (panel->kind == FIGURE_CCDF)
        values = node_find(node, "x");
    else if (panel->kind == FIGURE_HEAT) {
        values = node_find(node, "value");
        panel->key = read_placed(reader, node, "x", &panel->key_place);
        free(panel->series);
        panel->series = read_placed(reader, node, "y", &panel->series_place);
    } else if (panel->kind == FIGURE_POINTS)
        read_points(reader, node, panel);
    else
        panel->key = read_placed(reader, node, is_swapped ? "y" : "x", &panel->key_place);
    panel->values = read_columns(reader, values, &panel->value_count);
    refuse_labels(reader, panel->values, panel->value_count);
    if (panel->value_count == 0)
        bind_error(&reader->binder, node, NULL, "missing key '%s': the quantity that the figure shows",
                   panel->kind == FIGURE_HEAT                 ? "value"
                   : is_swapped || panel->kind == FIGURE_CCDF ? "x"
                                                              : "y");
    if (panel->key == NULL && panel->kind != FIGURE_CCDF && panel->kind != FIGURE_POINTS)
        bind_error(&reader->binder, node, NULL, "missing key '%s': the axis that the figure compares",
                   is_swapped ? "y" : "x");
    if (panel->series != NULL && panel->value_count > 1)
        bind_error(&reader->binder, node_find(node, "series"), NULL,
                   "with several quantities, each is a series; `series` needs a single one");
    if (panel->relative_to != NULL && panel->series == NULL)
        bind_error(&reader->binder, node_find(node, "relative_to"), NULL, "relative_to needs `series`");
}

static bool is_good_file_name(const char *name)
{
    return name[0] != '\0' &&
           name[strspn(name, "abcdefghijklmnopqrstuvwxyzABCDEFGHIJKLMNOPQRSTUVWXYZ0123456789-")] == '\0';
}

static void read_figure(struct reader *reader, const struct node *node, size_t number)
{
    static const char *const keys[] = { "name",    "title",   "subtitle", "panels", "run",      "where",
                                        "kind",    "x",       "y",        "series", "value",    "relative_to",
                                        "x_title", "y_title", "log",      "rows",   "diagonal", NULL };
    static const char *const panel_keys[] = { "title",   "run",    "where", "kind",        "x",
                                              "y",       "series", "value", "relative_to", "x_title",
                                              "y_title", "log",    "rows",  "diagonal",    NULL };
    struct experiment *experiment = reader->experiment;

    if (bind_map(&reader->binder, node, "kind, run, x, y, ...") == NULL)
        return;
    struct experiment_figure *figure = ARRAY_ADD(experiment->figures, experiment->figure_count);
    const struct node *panels = node_find(node, "panels");
    read_check_keys(reader, node, keys);
    figure->name = read_string(reader, node, "name", "a name");
    figure->title = read_string(reader, node, "title", "a title");
    figure->subtitle = read_string(reader, node, "subtitle", "a subtitle");
    if (figure->name == NULL) {
        char name[300];

        (void)snprintf(name, sizeof name, number > 0 ? "%.200s-%zu" : "%.200s", experiment->name, number + 1);
        figure->name = text_copy(name);
    } else if (!is_good_file_name(figure->name)) {
        bind_error(&reader->binder, node_find(node, "name"), NULL, "a name consists of letters, digits and dashes");
    }
    if (panels == NULL) {
        read_panel(reader, node, ARRAY_ADD(figure->panels, figure->panel_count));
        return;
    }
    panels = bind_list(&reader->binder, panels, "panels");
    for (const struct node *child = panels != NULL ? panels->first : NULL; child != NULL; child = child->next) {
        if (bind_map(&reader->binder, child, "kind, run, x, y, ...") == NULL)
            continue;
        struct experiment_panel *panel = ARRAY_ADD(figure->panels, figure->panel_count);
        read_check_keys(reader, child, panel_keys);
        panel->title = read_string(reader, child, "title", "a title");
        read_panel(reader, child, panel);
    }
}

void read_figures(struct reader *reader, const struct node *node)
{
    size_t number = 0;

    node = bind_list(&reader->binder, node, "figures");
    for (const struct node *child = node != NULL ? node->first : NULL; child != NULL; child = child->next)
        read_figure(reader, child, number++);
}
