/* SPDX-License-Identifier: Apache-2.0
 *
 * Releases an experiment.
 */
#include <stdlib.h>

#include "experiment/read.h"

static void free_runs(struct experiment *experiment)
{
    for (size_t i = 0; i < experiment->run_count; i++) {
        struct experiment_run *run = &experiment->runs[i];

        for (size_t j = 0; j < run->scenario_count; j++) {
            scenario_free(&run->scenarios[j]);
            if (run->cells != NULL)
                free(run->cells[j]);
        }
        for (size_t j = 0; j < run->label_count; j++)
            free(run->labels[j]);
        for (size_t j = 0; j < run->number_count; j++) {
            free(run->numbers[j].name);
            free(run->numbers[j].unit);
        }
        free(run->labels);
        free(run->numbers);
        formula_free(run->event);
        free(run->redrawn);
        free(run->measured);
        free(run->measured_note);
        free(run->scenarios);
        free(run->cells);
        free(run->name);
    }
    free(experiment->runs);
}

static void free_names(struct experiment *experiment)
{
    for (size_t i = 0; i < experiment->axis_count; i++) {
        for (size_t j = 0; j < experiment->axes[i].value_count; j++)
            free(experiment->axes[i].values[j]);
        free(experiment->axes[i].values);
        free(experiment->axes[i].name);
        free(experiment->axes[i].path);
    }
    for (size_t i = 0; i < experiment->quantity_count; i++) {
        struct experiment_quantity *quantity = &experiment->quantities[i];

        formula_free(quantity->formula);
        free(quantity->name);
        free(quantity->text);
        free(quantity->unit);
        free(quantity->title);
        free(quantity->meaning);
    }
    for (size_t i = 0; i < experiment->kept_count; i++)
        formula_free(experiment->kept[i]);
    free(experiment->kept);
    free(experiment->axes);
    free(experiment->quantities);
}

static void free_axes(struct experiment_axes *axes)
{
    for (size_t i = 0; i < axes->count; i++)
        free(axes->names[i]);
    free(axes->names);
    free(axes->places);
    free(axes->axes);
}

static void free_tables(struct experiment *experiment)
{
    for (size_t i = 0; i < experiment->table_count; i++) {
        struct experiment_table *table = &experiment->tables[i];

        experiment_columns_free(table->columns, table->column_count);
        formula_free(table->where);
        for (size_t j = 0; j < table->cost_count; j++)
            free(table->costs[j]);
        free(table->costs);
        free(table->where_text);
        free(table->cost_places);
        free_axes(&table->rows);
        free(table->title);
        free(table->across);
        free(table->relative_to);
    }
    free(experiment->tables);
}

static void free_figures(struct experiment *experiment)
{
    for (size_t i = 0; i < experiment->figure_count; i++) {
        struct experiment_figure *figure = &experiment->figures[i];

        for (size_t j = 0; j < figure->panel_count; j++) {
            struct experiment_panel *panel = &figure->panels[j];

            experiment_columns_free(panel->values, panel->value_count);
            formula_free(panel->where);
            free(panel->title);
            free(panel->key);
            free(panel->series);
            free(panel->relative_to);
            free(panel->key_title);
            free(panel->value_title);
            free(panel->distribution);
            experiment_columns_free(panel->across, panel->across_count);
            free_axes(&panel->points);
        }
        free(figure->panels);
        free(figure->name);
        free(figure->title);
        free(figure->subtitle);
    }
    free(experiment->figures);
}

static void free_text(struct experiment_text *text)
{
    for (size_t i = 0; i < text->count; i++) {
        formula_free(text->pieces[i].formula);
        free(text->pieces[i].words);
        free(text->pieces[i].unit);
    }
    free(text->pieces);
}

void experiment_free(struct experiment *experiment)
{
    free_runs(experiment);
    free_names(experiment);
    free_tables(experiment);
    free_figures(experiment);
    for (size_t i = 0; i < experiment->published_count; i++) {
        formula_free(experiment->published[i].where);
        free(experiment->published[i].name);
        free(experiment->published[i].quantity_name);
        free(experiment->published[i].unit);
        free(experiment->published[i].source);
        free(experiment->published[i].tag);
    }
    for (size_t i = 0; i < experiment->expectation_count; i++) {
        formula_free(experiment->expectations[i].left);
        formula_free(experiment->expectations[i].right);
        free(experiment->expectations[i].text);
        free(experiment->expectations[i].condition);
        free(experiment->expectations[i].each);
    }
    free(experiment->published);
    free(experiment->expectations);
    free_text(&experiment->verdict);
    free_text(&experiment->notes);
    free(experiment->path);
    free(experiment->name);
    free(experiment->question);
    yaml_tree_free(&experiment->tree);
    *experiment = (struct experiment){ 0 };
}
