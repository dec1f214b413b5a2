/* SPDX-License-Identifier: Apache-2.0
 *
 * Evaluates derived quantities, row by row and exactly.
 */
#include "experiment/derive.h"

#include <stdlib.h>
#include <string.h>

#include "base/check.h"
#include "experiment/keys.h"
#include "experiment/siblings.h"

struct evaluation {
    struct experiment_rows *rows;
    const struct experiment *experiment;
    bool *is_done; /* [row][quantity] */
};

static struct quotient value_of(struct evaluation *evaluation, size_t row, size_t quantity);

/* --- conditions --- */

struct quotient label_value(const struct experiment_row *row, size_t axis)
{
    struct quotient value = { 0 };

    if (row->labels[axis] == NULL || !quotient_from_label(row->labels[axis], &value))
        return (struct quotient){ 0 };
    return value;
}

bool number_holds(const struct formula_condition *condition, struct quotient value)
{
    int sign;

    if (value.state != QUOTIENT_KNOWN)
        return false;
    sign = quotient_compare(value, condition->number);
    switch (condition->relation) {
    case RELATION_LESS:
        return sign < 0;
    case RELATION_AT_MOST:
        return sign <= 0;
    case RELATION_MORE:
        return sign > 0;
    default:
        return sign >= 0;
    }
}

bool condition_holds(const struct formula_condition *condition, const struct experiment_row *row)
{
    if (condition->relation == RELATION_IS || condition->relation == RELATION_IS_NOT) {
        const char *label = condition->axis != SIZE_MAX ? row->labels[condition->axis] : NULL;
        bool is_one = false;

        for (size_t i = 0; i < condition->value_count && label != NULL; i++)
            is_one = is_one || label_is(label, condition->values[i]);
        return is_one == (condition->relation == RELATION_IS);
    }
    if (condition->axis != SIZE_MAX)
        return number_holds(condition, label_value(row, condition->axis));
    return condition->quantity != SIZE_MAX && number_holds(condition, row->values[condition->quantity]);
}

bool conditions_hold(const struct formula *name, const struct experiment_row *row)
{
    for (size_t i = name != NULL ? name->at_count : 0; name != NULL && i < name->condition_count; i++)
        if (!condition_holds(&name->conditions[i], row))
            return false;
    return true;
}

/* --- published values --- */

/* Whether what was published is about this row: it has all labels that the place says. */
static bool is_about(const struct experiment_published *published, const struct experiment_row *row)
{
    return conditions_hold(published->where, row);
}

static struct quotient published_in(const struct experiment *experiment, const struct formula *name,
                                    const struct experiment_row *row)
{
    for (size_t i = 0; i < experiment->published_count; i++)
        if (experiment->published[i].quantity == name->quantity && is_about(&experiment->published[i], row))
            return experiment->published[i].value;
    return (struct quotient){ 0 };
}

/* --- arithmetic --- */

/* 1 where the row fulfils all conditions, after the quantities in them are evaluated. */
static struct quotient is_value(struct evaluation *evaluation, size_t row, const struct formula *name)
{
    for (size_t i = 0; i < name->condition_count; i++)
        if (name->conditions[i].quantity != SIZE_MAX)
            (void)value_of(evaluation, row, name->conditions[i].quantity);
    return quotient_from(conditions_hold(name, &evaluation->rows->rows[row]), 1);
}

static struct quotient name_value(struct evaluation *evaluation, size_t row, const struct formula *name)
{
    size_t sibling;

    if (name->over == OVER_IS)
        return is_value(evaluation, row, name);
    sibling = find_sibling(evaluation->rows, evaluation->experiment, name, row);
    if (sibling == SIZE_MAX)
        return (struct quotient){ 0 };
    if (name->over == OVER_PUBLISHED)
        return published_in(evaluation->experiment, name, &evaluation->rows->rows[sibling]);
    if (name->axis != SIZE_MAX)
        return label_value(&evaluation->rows->rows[sibling], name->axis);
    return value_of(evaluation, sibling, name->quantity);
}

static struct quotient formula_value(struct evaluation *evaluation, size_t row, const struct formula *formula)
{
    struct quotient left, right;

    if (formula->kind == FORMULA_NUMBER)
        return formula->number;
    if (formula->kind == FORMULA_NAME)
        return name_value(evaluation, row, formula);
    left = formula_value(evaluation, row, formula->left);
    if (formula->kind == FORMULA_FIRST && left.state == QUOTIENT_KNOWN)
        return left;
    right = formula_value(evaluation, row, formula->right);
    switch (formula->kind) {
    case FORMULA_ADD:
        return quotient_add(left, right);
    case FORMULA_SUBTRACT:
        return quotient_subtract(left, right);
    case FORMULA_MULTIPLY:
        return quotient_multiply(left, right);
    case FORMULA_DIVIDE:
        return quotient_divide(left, right);
    case FORMULA_FIRST:
        return right;
    default:
        break;
    }
    if (left.state != QUOTIENT_KNOWN || right.state != QUOTIENT_KNOWN)
        return left.state != QUOTIENT_KNOWN ? left : right;
    return (quotient_compare(left, right) < 0) == (formula->kind == FORMULA_SMALLER) ? left : right;
}

static struct quotient value_of(struct evaluation *evaluation, size_t row, size_t quantity)
{
    struct quotient *value = &evaluation->rows->rows[row].values[quantity];
    bool *is_done = &evaluation->is_done[row * evaluation->experiment->quantity_count + quantity];

    if (!*is_done && evaluation->experiment->quantities[quantity].formula != NULL)
        *value = formula_value(evaluation, row, evaluation->experiment->quantities[quantity].formula);
    *is_done = true;
    return *value;
}

/* Says where a derived quantity has no value although the metrics are there. */
static void report_missing(struct experiment_rows *rows, const struct experiment *experiment, size_t quantity)
{
    static const struct {
        enum quotient_state state;
        const char *text;
    } reasons[] = { { QUOTIENT_NOTHING, "a denominator is 0, or nothing was observed" },
                    { QUOTIENT_TOO_LONG, "it needs more than 127 bits" } };

    for (size_t run = 0; run < experiment->run_count; run++)
        for (size_t i = 0; i < sizeof reasons / sizeof reasons[0]; i++) {
            size_t missing = 0, all = 0;

            for (size_t row = 0; row < rows->count; row++) {
                all += rows->rows[row].run == run;
                missing += rows->rows[row].run == run && rows->rows[row].values[quantity].state == reasons[i].state;
            }
            if (missing > 0 && missing < all) /* where no row has it, it is about other runs */
                rows_message(rows, "%s: `%s` has no value in %zu of %zu rows: %s", experiment->runs[run].name,
                             experiment->quantities[quantity].name, missing, all, reasons[i].text);
        }
}

void rows_derive(struct experiment_rows *rows, const struct experiment *experiment)
{
    struct evaluation evaluation = { .rows = rows, .experiment = experiment };

    evaluation.is_done = calloc(rows->count * experiment->quantity_count + 1, sizeof *evaluation.is_done);
    CHECK(evaluation.is_done != NULL);
    for (size_t i = 0; i < experiment->quantity_count; i++) {
        for (size_t row = 0; row < rows->count; row++)
            value_of(&evaluation, row, i);
        if (experiment->quantities[i].formula != NULL)
            report_missing(rows, experiment, i);
    }
    free(evaluation.is_done);
}
