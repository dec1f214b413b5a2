/* SPDX-License-Identifier: Apache-2.0
 *
 * experiment.json, as experiment.cddl describes it.
 */
#define _GNU_SOURCE
#include <math.h>
#include <string.h>

#include "base/check.h"
#include "experiment/write.h"
#include "result/metric_catalogue.h"
#include "result/report.h"

static json_t *text_or_empty(const char *text) { return json_string(text != NULL ? text : ""); }

static void set(json_t *object, const char *key, json_t *value) { CHECK(json_object_set_new(object, key, value) == 0); }

/* A document that others get says nothing of where this machine keeps other things. */
static json_t *scenario_to_json(const struct experiment_run *run, size_t index, const char *directory)
{
    bool has_cells = run->cells != NULL && run->cells[index] != NULL; /* not one that --quick leaves out */
    const char *cells = has_cells ? findings_path_below(directory, run->cells[index]) : NULL;
    char *file = findings_path(run->scenarios[index].path);
    json_t *json = json_object();

    set(json, "name", json_string(run->scenarios[index].name));
    set(json, "file", json_string(file));
    set(json, "question", json_string(run->scenarios[index].question));
    set(json, "cells", text_or_empty(cells));
    free(file);
    return json;
}

static json_t *run_to_json(const struct findings *findings, size_t index, const char *directory)
{
    static const char *const kinds[] = { "simulated", "sampled", "explored", "attributed", "indices", "measured" };
    const struct experiment_run *run = &findings->experiment->runs[index];
    json_t *json = json_object(), *scenarios = json_array();
    size_t rows = 0;

    for (size_t i = 0; i < findings->rows->count; i++)
        rows += findings->rows->rows[i].run == index;
    for (size_t i = 0; i < run->scenario_count; i++)
        json_array_append_new(scenarios, scenario_to_json(run, i, directory));
    set(json, "name", json_string(run->name));
    set(json, "kind", json_string(kinds[run->kind]));
    set(json, "scenarios", scenarios);
    set(json, "seeds",
        json_integer(run->kind == EXPERIMENT_SIMULATED || run->kind == EXPERIMENT_ATTRIBUTED ? (json_int_t)run->seeds
                                                                                             : 0));
    set(json, "rows", json_integer((json_int_t)rows));
    return json;
}

static json_t *quantity_to_json(const struct experiment_quantity *quantity)
{
    json_t *json = json_object();

    set(json, "name", json_string(quantity->name));
    set(json, "title", json_string(quantity->title != NULL ? quantity->title : quantity->name));
    set(json, "unit", text_or_empty(quantity->unit));
    set(json, "better", json_string(metric_better_name(quantity->better)));
    set(json, "meaning", text_or_empty(quantity->meaning));
    set(json, "formula", text_or_empty(quantity->text));
    return json;
}

static json_t *label_to_json(const struct experiment_axis *axis)
{
    json_t *json = json_object(), *values = json_array();
    const char *unit = NULL;

    for (size_t i = 0; i < axis->value_count; i++) {
        struct quotient number;
        size_t bytes = quotient_read(axis->values[i], &number);
        const char *own = bytes > 0 && quotient_from_label(axis->values[i], &number) ? axis->values[i] + bytes : "";

        unit = unit == NULL || strcmp(unit, own) == 0 ? own : "";
        json_array_append_new(values, json_string(axis->values[i]));
    }
    if (axis->value_count >= 1000)
        json_array_clear(values);
    set(json, "name", json_string(axis->name));
    set(json, "path", json_string(axis->path));
    set(json, "unit", text_or_empty(unit));
    set(json, "values", values);
    return json;
}

static json_t *cell_to_json(const struct filled_cell *cell)
{
    json_t *json = json_object();

    set(json, "text", json_string(cell->text));
    if (cell->is_label)
        return json;
    set(json, "value", json_from_double(cell->reading.value));
    if (!isnan(cell->reading.half))
        set(json, "half", json_from_double(cell->reading.half));
    set(json, "n", json_integer((json_int_t)cell->reading.n));
    return json;
}

static json_t *table_to_json(const struct filled_table *table)
{
    json_t *json = json_object(), *columns = json_array(), *rows = json_array();

    for (size_t i = 0; i < table->column_count; i++)
        json_array_append_new(columns, json_pack("{s:s, s:s}", "title", table->heads[i], "unit", table->units[i]));
    for (size_t i = 0; i < table->row_count; i++) {
        json_t *row = json_array();

        for (size_t j = 0; j < table->column_count; j++)
            json_array_append_new(row, cell_to_json(&table->cells[i * table->column_count + j]));
        json_array_append_new(rows, row);
    }
    set(json, "title", text_or_empty(table->title));
    set(json, "columns", columns);
    set(json, "label_columns", json_integer((json_int_t)table->label_columns));
    set(json, "rows", rows);
    return json;
}

/* --- figures --- */

static json_t *axis_to_json(const struct chart_axis *axis)
{
    json_t *json = json_object();

    set(json, "title", text_or_empty(axis->title));
    set(json, "unit", text_or_empty(axis->unit));
    set(json, "log", json_boolean(axis->is_log));
    return json;
}

static json_t *series_to_json(const struct chart_series *series)
{
    json_t *json = json_object(), *points = json_array();

    for (size_t i = 0; i < series->count; i++) {
        const struct chart_point *point = &series->points[i];
        json_t *one = json_object();

        set(one, "x", json_from_double(point->x));
        set(one, "y", json_from_double(point->y));
        if (point->has_interval) {
            set(one, "low", json_from_double(point->low));
            set(one, "high", json_from_double(point->high));
        }
        json_array_append_new(points, one);
    }
    set(json, "name", text_or_empty(series->name));
    set(json, "points", points);
    return json;
}

static json_t *panel_to_json(const struct chart_panel *panel)
{
    static const char *const kinds[] = { "bars", "lines", "dots", "ccdf", "heat", "stack", "forest", "points" };
    json_t *json = json_object(), *keys = json_array(), *series = json_array(), *published = json_array();
    json_t *references = json_array();

    for (size_t i = 0; i < panel->key_count; i++)
        json_array_append_new(keys, json_string(panel->keys[i]));
    for (size_t i = 0; i < panel->series_count; i++)
        json_array_append_new(series, series_to_json(&panel->series[i]));
    for (size_t i = 0; i < panel->published_count; i++) {
        const struct chart_published *point = &panel->published[i];
        json_t *one = json_object();

        set(one, "x", json_from_double(point->x));
        set(one, "y", json_from_double(point->y));
        set(one, "series", point->series != SIZE_MAX ? json_integer((json_int_t)point->series) : json_null());
        set(one, "source", text_or_empty(point->source));
        json_array_append_new(published, one);
    }
    for (size_t i = 0; i < panel->reference_count; i++)
        json_array_append_new(references, json_pack("{s:o, s:o}", "value", json_from_double(panel->references[i].value),
                                                    "label", text_or_empty(panel->references[i].label)));
    set(json, "kind", json_string(kinds[panel->kind]));
    set(json, "title", text_or_empty(panel->title));
    set(json, "key", axis_to_json(&panel->key));
    set(json, "value", axis_to_json(&panel->value));
    set(json, "row_title", text_or_empty(panel->row_title));
    set(json, "keys", keys);
    set(json, "series", series);
    set(json, "published", published);
    set(json, "references", references);
    set(json, "diagonal", panel->has_diagonal ? json_from_double(panel->diagonal) : json_null());
    return json;
}

static json_t *figure_to_json(const struct filled_figure *figure, bool is_drawn)
{
    json_t *json = json_object(), *panels = json_array(), *files = json_array();
    const char *const endings[] = { "svg", "png" };

    for (size_t i = 0; i < figure->chart.panel_count; i++)
        json_array_append_new(panels, panel_to_json(&figure->panels[i]));
    for (size_t i = 0; i < 2 && is_drawn; i++)
        json_array_append_new(files, json_sprintf("%s.%s", figure->chart.name, endings[i]));
    set(json, "name", json_string(figure->chart.name));
    set(json, "title", text_or_empty(figure->chart.title));
    set(json, "subtitle", text_or_empty(figure->chart.subtitle));
    set(json, "files", files);
    set(json, "panels", panels);
    return json;
}

/* --- expectations and published values --- */

static json_t *expectation_to_json(const struct experiment_expectation *expectation,
                                   const struct expectation_found *found)
{
    json_t *json = json_object();

    set(json, "kind", json_string(expectation->is_aim ? "aim" : "expect"));
    set(json, "text", json_string(expectation->text != NULL ? expectation->text : expectation->condition));
    set(json, "condition", json_string(expectation->condition));
    set(json, "found", json_from_double(found->left.value));
    set(json, "relation", json_string(expect_relation_text(expectation->relation)));
    set(json, "wanted", json_from_double(found->right.value));
    set(json, "tolerance", json_from_double(quotient_value(expectation->tolerance)));
    set(json, "outcome", json_string(expectation_outcome_name(found->outcome)));
    set(json, "each", text_or_empty(found->each));
    return json;
}

static json_t *published_to_json(const struct findings *findings, const struct experiment_published *published)
{
    struct formula name = {
        .kind = FORMULA_NAME, .name = (char *)"", .axis = SIZE_MAX, .quantity = published->quantity
    };
    struct selection selection = { .where = published->where };
    struct reading reading = reading_of(findings->rows, findings->experiment, &name, &selection);
    json_t *json = json_object(), *where = json_object();

    for (size_t i = 0; i < published->where->condition_count; i++) {
        const struct formula_condition *condition = &published->where->conditions[i];

        if (condition->axis != SIZE_MAX && condition->value_count > 0)
            set(where, findings->experiment->axes[condition->axis].name, json_string(condition->values[0]));
    }
    set(json, "where", where);
    set(json, "run", text_or_empty(json_string_value(json_object_get(where, "run"))));
    json_object_del(where, "run");
    set(json, "quantity", text_or_empty(published->quantity_name));
    set(json, "value", json_from_double(quotient_value(published->value)));
    set(json, "low", json_from_double(quotient_value(published->low)));
    set(json, "high", json_from_double(quotient_value(published->high)));
    set(json, "unit", text_or_empty(published->unit));
    set(json, "source", text_or_empty(published->source));
    set(json, "tag", text_or_empty(published->tag));
    set(json, "found", json_from_double(reading.value));
    set(json, "found_low", json_from_double(reading.low));
    set(json, "found_high", json_from_double(reading.high));
    return json;
}

json_t *findings_to_json(const struct findings *findings, const char *directory)
{
    const struct experiment *experiment = findings->experiment;
    json_t *json = json_object(), *runs = json_array(), *quantities = json_array(), *labels = json_array();
    json_t *tables = json_array(), *figures = json_array(), *expectations = json_array(), *published = json_array();
    json_t *messages = json_array();

    for (size_t i = 0; i < experiment->run_count; i++)
        json_array_append_new(runs, run_to_json(findings, i, directory));
    for (size_t i = 0; i < experiment->quantity_count; i++)
        json_array_append_new(quantities, quantity_to_json(&experiment->quantities[i]));
    for (size_t i = 0; i < experiment->axis_count; i++)
        if (i == AXIS_RUN || rows_have_axis(findings->rows, i))
            json_array_append_new(labels, label_to_json(&experiment->axes[i]));
    for (size_t i = 0; i < experiment->table_count; i++)
        json_array_append_new(tables, table_to_json(&findings->tables[i]));
    for (size_t i = 0; i < experiment->figure_count; i++)
        json_array_append_new(figures, figure_to_json(&findings->figures[i], findings->is_drawn[i]));
    for (size_t i = 0; i < experiment->expectation_count; i++)
        json_array_append_new(expectations,
                              expectation_to_json(&experiment->expectations[i], &findings->expectations[i]));
    for (size_t i = 0; i < experiment->published_count; i++)
        json_array_append_new(published, published_to_json(findings, &experiment->published[i]));
    for (size_t i = 0; i < findings->rows->message_count; i++)
        json_array_append_new(messages, json_string(findings->rows->messages[i]));
    set(json, "schema", json_string("irqpath-experiment/1"));
    set(json, "name", json_string(experiment->name));
    set(json, "file", json_string(experiment->path));
    set(json, "question", json_string(experiment->question));
    set(json, "version", json_string(findings->version));
    set(json, "quick", json_boolean(experiment->is_quick));
    set(json, "runs", runs);
    set(json, "quantities", quantities);
    set(json, "labels", labels);
    set(json, "tables", tables);
    set(json, "figures", figures);
    set(json, "expectations", expectations);
    set(json, "published", published);
    set(json, "verdict", json_string(findings->verdict));
    set(json, "notes", json_string(findings->notes));
    set(json, "messages", messages);
    return json;
}
