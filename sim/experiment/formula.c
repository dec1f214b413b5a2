/* SPDX-License-Identifier: Apache-2.0
 *
 * Formulas as trees, and the places of their texts.
 */
#include "experiment/formula.h"

#include <stdlib.h>

struct place formula_place(const struct formula_text *text, size_t offset)
{
    struct place place = text->place;

    if (text->is_block) {
        place.line++;
        place.column = text->indent + 1;
    }
    for (size_t i = 0; i < offset && text->text[i] != '\0'; i++) {
        if (text->text[i] == '\n') {
            place.line++;
            place.column = text->is_block ? text->indent + 1 : 1;
        } else if (((unsigned char)text->text[i] & 0xC0) != 0x80) {
            place.column++;
        }
    }
    return place;
}

static void free_condition(struct formula_condition *condition)
{
    for (size_t i = 0; i < condition->value_count; i++)
        free(condition->values[i]);
    free(condition->values);
    free(condition->name);
}

void formula_free(struct formula *formula)
{
    if (formula == NULL)
        return;
    for (size_t i = 0; i < formula->condition_count; i++)
        free_condition(&formula->conditions[i]);
    if (formula->shared != NULL)
        free_condition(formula->shared);
    free(formula->shared);
    free(formula->over_axis);
    free(formula->conditions);
    free(formula->name);
    formula_free(formula->left);
    formula_free(formula->right);
    free(formula);
}

void formula_each_name(struct formula *formula, void (*visit)(void *context, struct formula *name), void *context)
{
    if (formula == NULL)
        return;
    if (formula->kind == FORMULA_NAME)
        visit(context, formula);
    formula_each_name(formula->left, visit, context);
    formula_each_name(formula->right, visit, context);
}
