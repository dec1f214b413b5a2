/* SPDX-License-Identifier: Apache-2.0
 *
 * Gives names their meaning once the scenarios are loaded: axes, and quantities from `derive`, from the catalogue of
 * metrics and from the keys of the scenarios.
 */
#define _GNU_SOURCE
#include <stdlib.h>
#include <string.h>

#include "base/check.h"
#include "base/program.h"
#include "base/suggest.h"
#include "base/text.h"
#include "experiment/attributed.h"
#include "experiment/costs.h"
#include "experiment/keys.h"
#include "experiment/read.h"
#include "result/metric_catalogue.h"

/* The numbers of an exploration. */
static const char *const explored_numbers[] = { "states", "transitions", "depth", "bound", NULL };

/* --- quantities --- */

size_t experiment_find_quantity(const struct experiment *experiment, const char *name)
{
    for (size_t i = 0; i < experiment->quantity_count; i++)
        if (strcmp(experiment->quantities[i].name, name) == 0)
            return i;
    return SIZE_MAX;
}

/* Whether it is a number of an exploration or of an attribution, of which there is one. */
static bool is_own_number(const struct experiment *experiment, const char *name)
{
    for (size_t i = 0; i < experiment->run_count; i++) {
        enum experiment_run_kind kind = experiment->runs[i].kind;
        const char *const *names = kind == EXPERIMENT_EXPLORED     ? explored_numbers
                                   : kind == EXPERIMENT_ATTRIBUTED ? attributed_numbers
                                   : kind == EXPERIMENT_INDICES    ? indices_numbers
                                                                   : NULL;

        for (; names != NULL && *names != NULL; names++)
            if (strcmp(*names, name) == 0)
                return true;
    }
    return false;
}

static bool is_key_of_any(const struct experiment *experiment, const char *name)
{
    for (size_t i = 0; i < experiment->run_count; i++)
        for (size_t j = 0; j < experiment->runs[i].scenario_count; j++) {
            char *resolved = scenario_resolved_yaml(&experiment->runs[i].scenarios[j]);
            struct quotient value;
            bool is_key = key_value(resolved, name, &value);

            free(resolved);
            if (is_key)
                return true;
        }
    return false;
}

static void report_unknown(struct reader *reader, const char *name, struct place place)
{
    struct experiment *experiment = reader->experiment;
    char suggestion[SUGGEST_TEXT_BYTES];
    char best[METRIC_NAME_BYTES];
    struct suggest suggest;

    suggest_init(&suggest, name);
    for (size_t i = 0; i < experiment->quantity_count; i++)
        if (experiment->quantities[i].formula != NULL)
            suggest_offer(&suggest, experiment->quantities[i].name);
    for (size_t i = 0; i < experiment->axis_count; i++)
        suggest_offer(&suggest, experiment->axes[i].name);
    for (size_t i = 0; i < experiment->run_count; i++)
        for (size_t j = 0; j < experiment->runs[i].number_count; j++)
            suggest_offer(&suggest, experiment->runs[i].numbers[j].name);
    expect_offer_metrics(&suggest, name, best);
    diag_error(reader->diag, place, "'%.80s' is neither derived nor an axis, a metric (%s list metrics) or a key%s",
               name, program_call(), suggest_text(&suggest, suggestion));
}

/* Returns the index of a quantity, which is added when it is a metric or a key; SIZE_MAX after an error. */
static size_t find_or_add(struct reader *reader, const char *name, struct place place)
{
    struct experiment *experiment = reader->experiment;
    size_t found = experiment_find_quantity(experiment, name);
    const struct metric_row *row = metric_describe(name);
    const struct experiment_number *number = measured_number(experiment, name);
    bool is_key = false;

    if (found != SIZE_MAX)
        return found;
    if (number == NULL && (row == NULL || row->source == METRIC_SOURCE_DISTRIBUTION) &&
        !is_own_number(experiment, name) && !(is_key = is_key_of_any(experiment, name))) {
        report_unknown(reader, name, place);
        return SIZE_MAX;
    }
    struct experiment_quantity *quantity = ARRAY_ADD(experiment->quantities, experiment->quantity_count);
    quantity->name = text_copy(name);
    quantity->text = text_copy("");
    quantity->is_key = is_key;
    quantity->place = place;
    quantity->better = METRIC_NEUTRAL;
    if (number != NULL) {
        quantity->unit = text_copy(number->unit);
    } else if (row != NULL) {
        quantity->unit = text_copy(row->unit);
        quantity->meaning = text_copy(row->meaning);
        quantity->better = row->better;
    }
    return experiment->quantity_count - 1;
}

/* --- names --- */

static void offer_labels(const struct experiment_axis *axis, struct suggest *suggest)
{
    for (size_t i = 0; i < axis->value_count; i++)
        suggest_offer(suggest, axis->values[i]);
}

static bool has_label(const struct experiment_axis *axis, const char *value)
{
    for (size_t i = 0; i < axis->value_count; i++)
        if (label_is(axis->values[i], value))
            return true;
    return false;
}

/* A value alone stands for the axis that has it. */
static void find_axis_of_label(struct reader *reader, struct formula_condition *condition)
{
    struct experiment *experiment = reader->experiment;
    char suggestion[SUGGEST_TEXT_BYTES];
    struct suggest suggest;

    suggest_init(&suggest, condition->values[0]);
    for (size_t i = 0; i < experiment->axis_count; i++) {
        offer_labels(&experiment->axes[i], &suggest);
        if (!has_label(&experiment->axes[i], condition->values[0]))
            continue;
        if (condition->axis != SIZE_MAX) {
            diag_error(reader->diag, condition->place, "'%.60s' is a value of two axes: write %s=%s or %s=%s",
                       condition->values[0], experiment->axes[condition->axis].name, condition->values[0],
                       experiment->axes[i].name, condition->values[0]);
            return;
        }
        condition->axis = i;
    }
    if (condition->axis == SIZE_MAX && !experiment->is_quick)
        diag_error(reader->diag, condition->place, "no axis has the value '%.60s'%s", condition->values[0],
                   suggest_text(&suggest, suggestion));
}

static void check_labels(struct reader *reader, const struct formula_condition *condition)
{
    const struct experiment_axis *axis = &reader->experiment->axes[condition->axis];

    /* What is quick may leave values out. */
    for (size_t i = 0; i < condition->value_count && !axis->is_open && !reader->experiment->is_quick; i++) {
        char suggestion[SUGGEST_TEXT_BYTES];
        struct suggest suggest;

        if (has_label(axis, condition->values[i]))
            continue;
        suggest_init(&suggest, condition->values[i]);
        offer_labels(axis, &suggest);
        diag_error(reader->diag, condition->place, "the axis '%s' has no value '%.60s'%s", axis->name,
                   condition->values[i], suggest_text(&suggest, suggestion));
    }
}

static size_t find_axis(struct reader *reader, const char *name, struct place place)
{
    struct experiment *experiment = reader->experiment;
    size_t axis = experiment_find_axis(experiment, name);
    char suggestion[SUGGEST_TEXT_BYTES];
    struct suggest suggest;

    if (axis != SIZE_MAX)
        return axis;
    suggest_init(&suggest, name);
    for (size_t i = 0; i < experiment->axis_count; i++)
        suggest_offer(&suggest, experiment->axes[i].name);
    diag_error(reader->diag, place, "there is no axis '%.60s'%s", name, suggest_text(&suggest, suggestion));
    return SIZE_MAX;
}

static void resolve_condition(struct reader *reader, struct formula_condition *condition)
{
    bool is_number = condition->relation != RELATION_IS && condition->relation != RELATION_IS_NOT;

    if (condition->name[0] == '\0') {
        find_axis_of_label(reader, condition);
        return;
    }
    condition->axis = experiment_find_axis(reader->experiment, condition->name);
    if (condition->axis != SIZE_MAX && !is_number)
        check_labels(reader, condition);
    else if (condition->axis == SIZE_MAX && is_number)
        condition->quantity = find_or_add(reader, condition->name, condition->place);
    else if (condition->axis == SIZE_MAX)
        find_axis(reader, condition->name, condition->place);
}

/* Finds the published value of this name. */
static void find_published(struct reader *reader, struct formula *name)
{
    struct experiment *experiment = reader->experiment;
    char suggestion[SUGGEST_TEXT_BYTES];
    struct suggest suggest;

    suggest_init(&suggest, name->name);
    for (size_t i = 0; i < experiment->published_count; i++) {
        if (experiment->published[i].name == NULL)
            continue;
        if (strcmp(experiment->published[i].name, name->name) == 0)
            name->published = i;
        suggest_offer(&suggest, experiment->published[i].name);
    }
    if (name->published == SIZE_MAX)
        diag_error(reader->diag, name->place, "nothing with the name '%.60s' is published%s", name->name,
                   suggest_text(&suggest, suggestion));
}

static void resolve_name(void *context, struct formula *name)
{
    struct reader *reader = context;

    for (size_t i = 0; i < name->condition_count; i++)
        resolve_condition(reader, &name->conditions[i]);
    if (name->over == OVER_IS && !reader->is_deriving)
        diag_error(reader->diag, name->place, "`is` belongs in `derive`; here, write share or count");
    if (name->name[0] == '\0')
        return;
    if (name->over == OVER_INSIDE) {
        find_published(reader, name);
        return;
    }
    if (experiment_find_quantity(reader->experiment, name->name) == SIZE_MAX)
        name->axis = experiment_find_axis(reader->experiment, name->name);
    if (name->axis == SIZE_MAX)
        name->quantity = find_or_add(reader, name->name, name->place);
    if (name->shared != NULL)
        resolve_condition(reader, name->shared);
    if (name->over_axis != NULL)
        name->over_index = find_axis(reader, name->over_axis, name->place);
}

static void resolve_formula(struct reader *reader, struct formula *formula)
{
    formula_each_name(formula, resolve_name, reader);
}

/* --- derived quantities --- */

struct derived {
    struct reader *reader;
    bool is_good;
};

static bool check_cycle(struct reader *reader, struct experiment_quantity *quantity);

static void check_derived(void *context, struct formula *name)
{
    struct derived *derived = context;
    struct experiment *experiment = derived->reader->experiment;

    if (name->quantity != SIZE_MAX && name->over != OVER_PUBLISHED)
        derived->is_good = check_cycle(derived->reader, &experiment->quantities[name->quantity]) && derived->is_good;
    for (size_t i = 0; i < name->condition_count; i++)
        if (name->conditions[i].quantity != SIZE_MAX)
            derived->is_good =
                check_cycle(derived->reader, &experiment->quantities[name->conditions[i].quantity]) && derived->is_good;
}

/* Reports a quantity that is derived from itself. */
static bool check_cycle(struct reader *reader, struct experiment_quantity *quantity)
{
    struct derived derived = { reader, true };

    if (quantity->is_resolving) {
        diag_error(reader->diag, quantity->place, "'%s' is derived from itself", quantity->name);
        return false;
    }
    quantity->is_resolving = true;
    formula_each_name(quantity->formula, check_derived, &derived);
    quantity->is_resolving = false;
    return derived.is_good;
}

static void check_derive_name(void *context, struct formula *name)
{
    struct reader *reader = context;

    if (name->over == OVER_IS)
        return;
    if (name->has_over && name->over != OVER_PUBLISHED)
        diag_error(reader->diag, name->place,
                   "a derived quantity is one of a single run: there is nothing to take the "
                   "mean, minimum or the like of");
    if (name->condition_count > name->at_count)
        diag_error(reader->diag, name->conditions[name->at_count].place,
                   "a derived quantity is one of a single run: write `at` for that of another run, as in per_s at "
                   "irqchip=userspace");
}

static void resolve_derived(struct reader *reader)
{
    struct experiment *experiment = reader->experiment;
    size_t count = experiment->quantity_count;

    for (size_t i = 0; i < count; i++) {
        formula_each_name(experiment->quantities[i].formula, check_derive_name, reader);
        reader->is_deriving = true;
        resolve_formula(reader, experiment->quantities[i].formula);
        reader->is_deriving = false;
        for (size_t j = 0; j < i; j++)
            if (strcmp(experiment->quantities[i].name, experiment->quantities[j].name) == 0)
                diag_error(reader->diag, experiment->quantities[i].place, "'%s' is derived twice",
                           experiment->quantities[i].name);
        if (experiment_find_axis(experiment, experiment->quantities[i].name) != SIZE_MAX)
            diag_error(reader->diag, experiment->quantities[i].place, "'%s' is the name of an axis",
                       experiment->quantities[i].name);
    }
    for (size_t i = 0; i < count && reader->diag->error_count == 0; i++)
        if (!check_cycle(reader, &experiment->quantities[i]))
            return;
}

/* --- sections --- */

static void resolve_columns(struct reader *reader, struct experiment_column *columns, size_t count)
{
    for (size_t i = 0; i < count; i++) {
        resolve_formula(reader, columns[i].formula);
        if (columns[i].label != NULL)
            columns[i].label_axis = find_axis(reader, columns[i].label, columns[i].place);
    }
}

static void check_relative(struct reader *reader, const char *value, size_t axis, struct place place)
{
    struct formula_condition condition = { .values = (char *[]){ (char *)value }, .value_count = 1, .place = place };

    condition.axis = axis;
    if (value != NULL && axis != SIZE_MAX)
        check_labels(reader, &condition);
}

/* A cost must be one of the first scenario of the run. */
static void check_cost(struct reader *reader, const struct experiment_table *table, size_t cost)
{
    struct experiment_run *run = &reader->experiment->runs[table->cost_run];
    struct cost_row row;

    if (run->scenario_count == 0 || !cost_find(&run->scenarios[0], table->costs[cost], &row))
        diag_error(reader->diag, table->cost_places[cost],
                   "the run '%s' has no cost '%.60s'; `irqpath explain` lists them", run->name, table->costs[cost]);
}

static void resolve_axes(struct reader *reader, struct experiment_axes *axes)
{
    for (size_t i = 0; i < axes->count; i++)
        axes->axes[i] = find_axis(reader, axes->names[i], axes->places[i]);
}

static void resolve_table(struct reader *reader, struct experiment_table *table)
{
    resolve_formula(reader, table->where);
    if (table->is_published)
        return;
    for (size_t i = 0; i < table->cost_count; i++)
        check_cost(reader, table, i);
    resolve_axes(reader, &table->rows);
    if (table->across != NULL)
        table->across_axis = find_axis(reader, table->across, table->across_place);
    check_relative(reader, table->relative_to, table->across_axis, table->relative_place);
    resolve_columns(reader, table->columns, table->column_count);
}

/* A CCDF shows the distribution that a run has kept, or that of a quantity over the rows. */
static void resolve_distribution(struct reader *reader, struct experiment_panel *panel)
{
    struct formula *formula = panel->value_count > 0 ? panel->values[0].formula : NULL;
    const struct metric_row *row =
        formula != NULL && formula->kind == FORMULA_NAME ? metric_describe(formula->name) : NULL;

    if (row != NULL && row->source == METRIC_SOURCE_DISTRIBUTION && panel->kind == FIGURE_CCDF) {
        panel->distribution = text_copy(formula->name);
        for (size_t i = 0; i < formula->condition_count; i++)
            resolve_condition(reader, &formula->conditions[i]);
        return;
    }
    resolve_columns(reader, panel->values, panel->value_count);
}

static void resolve_panel(struct reader *reader, struct experiment_panel *panel)
{
    resolve_formula(reader, panel->where);
    if (panel->key != NULL)
        panel->key_axis = find_axis(reader, panel->key, panel->key_place);
    if (panel->series != NULL)
        panel->series_axis = find_axis(reader, panel->series, panel->series_place);
    check_relative(reader, panel->relative_to, panel->series_axis, panel->relative_place);
    resolve_columns(reader, panel->across, panel->across_count);
    resolve_axes(reader, &panel->points);
    resolve_distribution(reader, panel);
}

static void resolve_text(struct reader *reader, struct experiment_text *text)
{
    for (size_t i = 0; i < text->count; i++)
        resolve_formula(reader, text->pieces[i].formula);
}

void resolve_names(struct reader *reader)
{
    struct experiment *experiment = reader->experiment;

    build_axes(experiment);
    resolve_derived(reader);
    for (size_t i = 0; i < experiment->kept_count; i++)
        resolve_formula(reader, experiment->kept[i]);
    for (size_t i = 0; i < experiment->run_count; i++)
        resolve_formula(reader, experiment->runs[i].event);
    check_indices(reader);
    /* What was measured is kept whole: it cannot be made again from a seed. */
    for (size_t i = 0; i < experiment->run_count; i++)
        for (size_t j = 0; j < experiment->runs[i].number_count; j++)
            (void)find_or_add(reader, experiment->runs[i].numbers[j].name, experiment->runs[i].node->place);
    for (size_t i = 0; i < experiment->table_count; i++)
        resolve_table(reader, &experiment->tables[i]);
    for (size_t i = 0; i < experiment->figure_count; i++)
        for (size_t j = 0; j < experiment->figures[i].panel_count; j++)
            resolve_panel(reader, &experiment->figures[i].panels[j]);
    for (size_t i = 0; i < experiment->published_count; i++) {
        struct experiment_published *published = &experiment->published[i];

        resolve_formula(reader, published->where);
        if (published->quantity_name != NULL)
            published->quantity = find_or_add(reader, published->quantity_name, published->place);
    }
    for (size_t i = 0; i < experiment->expectation_count; i++) {
        struct experiment_expectation *expectation = &experiment->expectations[i];

        resolve_formula(reader, expectation->left);
        resolve_formula(reader, expectation->right);
        if (expectation->each != NULL)
            expectation->each_axis = find_axis(reader, expectation->each, expectation->each_place);
    }
    resolve_text(reader, &experiment->verdict);
    resolve_text(reader, &experiment->notes);
}
