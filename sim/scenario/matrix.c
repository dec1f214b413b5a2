/* SPDX-License-Identifier: Apache-2.0
 *
 * Reads the matrix of a scenario. Every value of every axis is built once with the first values of the other axes, so
 * that most errors are reported before a sweep begins. Errors in other combinations are reported when they are loaded.
 */
#define _GNU_SOURCE
#include "base/text.h"
#include "scenario/build.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "base/check.h"
#include "base/control.h"
#include "scenario/set.h"

#define AXES_MAX 16
#define AXIS_VALUES_MAX 1000

static bool is_path(const char *key) { return strchr(key, '.') != NULL; }

/* Adds "path=value" to the overrides of an axis value. */
static void add_set(struct scenario_value *value, const char *path, const struct node *node)
{
    value->sets = realloc(value->sets, (value->set_count + 1) * sizeof(*value->sets));
    CHECK(value->sets != NULL);
    value->sets[value->set_count++] = scenario_set_text(path, node);
}

static bool read_free_value(const struct binder *binder, const struct node *node, struct scenario_value *value)
{
    const struct node *label = node_find(node, "label");

    if (!bind_map(binder, node, "label and paths"))
        return false;
    for (const struct node *child = node->first; child; child = child->next) {
        if (child == label)
            continue;
        if (!is_path(child->key)) {
            diag_error(binder->diag, child->key_place, "'%.60s' is neither 'label' nor a path like guests.idle.timer",
                       child->key);
            return false;
        }
        add_set(value, child->key, child);
    }
    if (value->set_count == 0) {
        bind_error(binder, node, NULL, "this value has no path to set");
        return false;
    }
    if (label) {
        const char *text = bind_text(binder, label, "a label");

        value->label = text ? text_copy(text) : NULL;
        return text != NULL;
    }
    value->label = text_copy(strchr(value->sets[0], '=') + 1);
    return true;
}

static bool read_value(const struct binder *binder, const struct node *axis, const struct node *node,
                       struct scenario_value *value)
{
    if (!is_path(axis->key))
        return read_free_value(binder, node, value);
    add_set(value, axis->key, node);
    value->label = text_copy(value->sets[0] + strlen(axis->key) + 1);
    return true;
}

/* Checks that the last value's label is one line, and unique. Values that could not be read have no label. */
static void check_label(const struct binder *binder, const struct node *node, const struct scenario_axis *axis)
{
    const struct scenario_value *last = &axis->values[axis->value_count - 1];

    if (last->label && control_find(last->label, last->label + strlen(last->label))) {
        bind_error(binder, node, NULL, "a label may not contain a tab or the end of a line");
        return;
    }
    for (const struct scenario_value *value = axis->values; value < last; value++) {
        if (value->label && !strcmp(value->label, last->label)) {
            bind_error(binder, node, NULL, "the value '%.60s' occurs twice in this axis", last->label);
            return;
        }
    }
}

static void read_axis(const struct binder *binder, const struct node *node, struct scenario_axis *axis)
{
    axis->path = text_copy(node->key);
    if (!bind_list(binder, node, is_path(node->key) ? "values" : "maps of paths and values"))
        return;
    if (!node->first || node->child_count > AXIS_VALUES_MAX) {
        bind_error(binder, node, NULL, "an axis must have 1 to %d values", AXIS_VALUES_MAX);
        return;
    }
    axis->values = calloc(node->child_count, sizeof(*axis->values));
    CHECK(axis->values != NULL);
    for (const struct node *child = node->first; child; child = child->next) {
        if (read_value(binder, node, child, &axis->values[axis->value_count++]))
            check_label(binder, child, axis);
    }
}

/* Assigns the value of an axis to the paths that it sets. Errors are reported at their places in the matrix. */
static bool assign_value(struct yaml_tree *tree, struct node *root, const struct node *axis, const struct node *value,
                         struct diag *diag)
{
    const struct node *first = is_path(axis->key) ? value : value->first;

    for (const struct node *node = first; node; node = is_path(axis->key) ? NULL : node->next) {
        const struct node *named = is_path(axis->key) ? axis : node;
        struct node *copy;

        if (!is_path(named->key))
            continue;
        copy = node_copy(tree, node);
        if (!copy) {
            diag_error(diag, node->place, "the scenario is too large");
            return false;
        }
        if (!scenario_assign(tree, root, named->key, named->key_place, copy, diag))
            return false;
    }
    return true;
}

/* Builds the scenario with this value of one axis and the first values of the others, to report its errors. */
static void try_value(const struct build *build, const struct node *matrix, const struct node *axis,
                      const struct node *value)
{
    struct scenario *scenario = calloc(1, sizeof(*scenario));
    struct yaml_tree tree;
    struct node *root;
    bool is_good;

    CHECK(scenario != NULL);
    yaml_tree_init(&tree);
    root = node_copy(&tree, build->root);
    CHECK(root != NULL);
    is_good = true;
    for (const struct node *other = matrix->first; other && is_good; other = other->next)
        is_good = assign_value(&tree, root, other, other == axis ? value : other->first, build->diag);
    if (is_good) {
        struct build trial = {
            .diag = build->diag,
            .root = root,
            .path = build->path,
            .bases = build->bases,
            .scenario = scenario,
            .inputs = build->inputs,
        };

        scenario_build(&trial);
        scenario_build_free(scenario);
    }
    yaml_tree_free(&tree);
    free(scenario);
}

void scenario_build_matrix(const struct build *build)
{
    struct binder binder = { build->diag, NULL, 0 };
    const struct node *matrix = bind_map(&binder, node_find(build->root, "matrix"), "paths and their values");
    struct scenario *scenario = build->scenario;
    size_t errors = build->diag->error_count;

    if (!matrix || !matrix->first)
        return;
    if (matrix->child_count > AXES_MAX) {
        bind_error(&binder, matrix, NULL, "more than %d axes", AXES_MAX);
        return;
    }
    scenario->axes = calloc(matrix->child_count, sizeof(*scenario->axes));
    CHECK(scenario->axes != NULL);
    for (const struct node *axis = matrix->first; axis; axis = axis->next)
        read_axis(&binder, axis, &scenario->axes[scenario->axis_count++]);
    if (build->diag->error_count != errors)
        return;
    for (const struct node *axis = matrix->first; axis; axis = axis->next) {
        for (const struct node *value = axis->first; value; value = value->next)
            try_value(build, matrix, axis, value);
    }
}
