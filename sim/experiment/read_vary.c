/* SPDX-License-Identifier: Apache-2.0
 *
 * The key `vary` of a run: one parameter at a time.
 *
 *   vary:
 *     rate: { devices.vf.arrivals.rate: [2kHz, 8kHz] }
 *     vcpus: { paths: [guests.idle.vcpus, guests.busy.vcpus], values: [5, 10] }
 *
 * It is an axis of the matrix with the labels "rate=2kHz", which rows have as two labels, too: parameter and value.
 */
#define _GNU_SOURCE
#include <stdlib.h>
#include <string.h>

#include "base/check.h"
#include "experiment/read.h"

static void append(const struct reader *reader, struct node *parent, struct node *child, const char *key,
                   struct place place)
{
    if (parent == NULL || child == NULL || !node_append(&reader->experiment->tree, parent, child, key, place))
        diag_error(reader->diag, place, "the experiment is too large");
}

/* Adds the cell in which these paths have this value. */
static void add_cell(const struct reader *reader, struct node *axis, const struct node *parameter,
                     const struct node *paths, const struct node *value)
{
    bool is_list = strcmp(paths->key, "paths") == 0;
    struct yaml_tree *tree = &reader->experiment->tree;
    struct node *cell = node_container(tree, value->place, NODE_MAP);
    char *text = value->kind == NODE_SCALAR ? strdup(value->text) : node_flow_text(value), *label;

    CHECK(text != NULL && asprintf(&label, "%s=%s", parameter->key, text) > 0);
    append(reader, axis, cell, NULL, value->place);
    append(reader, cell, node_scalar(tree, value->place, label, strlen(label)), "label", value->place);
    if (is_list) {
        for (const struct node *path = paths->first; path != NULL; path = path->next)
            if (bind_text(&reader->binder, path, "a path") != NULL)
                append(reader, cell, node_copy(tree, value), path->text, path->place);
    } else {
        append(reader, cell, node_copy(tree, value), paths->key, paths->key_place);
    }
    free(text);
    free(label);
}

static void read_parameter(const struct reader *reader, struct node *axis, const struct node *parameter)
{
    static const char *const keys[] = { "paths", "values", NULL };
    const struct node *paths = node_find(parameter, "paths"), *values = node_find(parameter, "values");

    if (bind_map(&reader->binder, parameter, "a path and its values, or paths and values") == NULL)
        return;
    if (paths != NULL || values != NULL || parameter->child_count != 1) {
        read_check_keys(reader, parameter, keys);
        if (paths == NULL || values == NULL) {
            bind_error(&reader->binder, parameter, NULL, "expected one path with its values, or `paths` and `values`");
            return;
        }
        paths = bind_list(&reader->binder, paths, "paths");
    } else {
        paths = values = parameter->first;
    }
    values = bind_list(&reader->binder, values, "values");
    for (const struct node *value = values != NULL && paths != NULL ? values->first : NULL; value != NULL;
         value = value->next)
        add_cell(reader, axis, parameter, paths, value);
}

const struct node *read_vary_axis(struct reader *reader, const struct node *node)
{
    struct node *axis = node_container(&reader->experiment->tree, node->place, NODE_LIST);
    size_t errors = reader->diag->error_count;

    if (bind_map(&reader->binder, node, "parameters and their values") != NULL)
        for (const struct node *child = node->first; child != NULL; child = child->next)
            read_parameter(reader, axis, child);
    return reader->diag->error_count == errors ? axis : NULL;
}
