/* SPDX-License-Identifier: Apache-2.0
 *
 * The key `costs` of a run, an axis over the ranges that profiles give:
 *
 *   costs: [typical, low, high]        # of all costs that are as their profiles say, together
 *   costs: { values: [low, high], of: [host.costs.*, xen.costs.do_irq], not: [host.costs.wake], each: on }
 *
 * `of: chosen` are those that the scenario sets itself. With `each: on`, one cost is changed at a time.
 */
#define _GNU_SOURCE
#include <stdlib.h>
#include <string.h>

#include "base/check.h"
#include "base/text.h"
#include "experiment/costs.h"
#include "experiment/read.h"
#include "models/family/family.h"

#define VALUES_MAX 3

struct wanted {
    struct reader *reader;
    const struct scenario *scenario;
    const struct node *node, *of, *except;
    bool is_chosen, is_each;
    int values[VALUES_MAX]; /* indices of value_names */
    size_t value_count;
    struct node *axis;              /* the list of the axis's values */
    struct node *cells[VALUES_MAX]; /* its values, unless is_each */
    size_t cost_count;
};

static const char *const value_names[] = { "typical", "low", "high" };

static void read_values(struct wanted *wanted, const struct node *list)
{
    for (const struct node *child = list->first; child != NULL; child = child->next) {
        int index = 0;

        if (bind_text(&wanted->reader->binder, child, "typical, low or high") == NULL)
            return;
        while (index < 3 && strcmp(child->text, value_names[index]) != 0)
            index++;
        if (index == 3 || wanted->value_count == VALUES_MAX) {
            bind_error(&wanted->reader->binder, child, NULL, "expected typical, low and high, each once at most");
            return;
        }
        wanted->values[wanted->value_count++] = index;
    }
    if (list->first == NULL)
        bind_error(&wanted->reader->binder, list, NULL, "expected typical, low or high");
}

static void read_wanted(struct wanted *wanted)
{
    static const char *const keys[] = { "values", "of", "not", "each", NULL };
    const struct node *map = wanted->node, *values;

    if (map->kind == NODE_LIST) {
        read_values(wanted, map);
        return;
    }
    if (bind_map(&wanted->reader->binder, map, "values, of, not, each") == NULL)
        return;
    read_check_keys(wanted->reader, map, keys);
    values = node_find(map, "values");
    wanted->of = node_find(map, "of");
    wanted->except = bind_list(&wanted->reader->binder, node_find(map, "not"), "costs");
    wanted->is_each = read_switch(wanted->reader, map, "each", false);
    wanted->is_chosen =
        wanted->of != NULL && wanted->of->kind == NODE_SCALAR && strcmp(wanted->of->text, "chosen") == 0;
    if (values == NULL)
        bind_error(&wanted->reader->binder, map, NULL, "missing key 'values': some of typical, low and high");
    else if (bind_list(&wanted->reader->binder, values, "typical, low, high") != NULL)
        read_values(wanted, values);
    if (wanted->of != NULL && !wanted->is_chosen)
        bind_list(&wanted->reader->binder, wanted->of, "costs, or chosen");
}

/* Whether one of the list is the path, or begins it and ends in '*'; is_named: whether it is the path itself. */
static bool is_listed(const struct node *list, const char *path, bool *is_named)
{
    bool is_found = false;

    *is_named = false;
    for (const struct node *child = list != NULL ? list->first : NULL; child != NULL; child = child->next) {
        size_t bytes = child->kind == NODE_SCALAR ? strlen(child->text) : 0;

        if (bytes > 0 && strcmp(child->text, path) == 0)
            *is_named = true;
        else if (bytes > 0 && child->text[bytes - 1] == '*' && strncmp(child->text, path, bytes - 1) == 0)
            is_found = true;
    }
    return is_found || *is_named;
}

/* Whether the models of the scenario read the cost: a profile has those of all families. */
static bool is_read(const struct wanted *wanted, const char *path)
{
    const char *key = strrchr(path, '.') + 1; /* "host.costs.wake" */
    char *section = text_copy_bytes(path, (size_t)(key - 1 - path));
    bool is_known = family_key(wanted->scenario->design->family, section, key) != NULL;
    free(section);
    return is_known;
}

static bool is_wanted(const struct wanted *wanted, const struct cost_row *row)
{
    bool is_as_profile = strcmp(row->value, row->typical) == 0, is_named, is_listed_of;

    if (row->range[0] == '\0' || is_listed(wanted->except, row->path, &is_named))
        return false;
    is_listed_of = is_listed(wanted->of, row->path, &is_named);
    if (!is_named && !is_read(wanted, row->path))
        return false;
    if (wanted->of != NULL && !wanted->is_chosen)
        return is_listed_of;
    return is_as_profile != wanted->is_chosen;
}

/* "[1cy, 2cy]" is a list. */
static struct node *value_node(const struct wanted *wanted, const char *text)
{
    struct yaml_tree *tree = &wanted->reader->experiment->tree;

    return text[0] == '[' ? yaml_read(tree, text, strlen(text), wanted->node->place, wanted->reader->diag)
                          : node_scalar(tree, wanted->node->place, text, strlen(text));
}

static void append(const struct wanted *wanted, struct node *parent, struct node *child, const char *key)
{
    struct yaml_tree *tree = &wanted->reader->experiment->tree;

    if (parent == NULL || child == NULL || !node_append(tree, parent, child, key, wanted->node->place))
        bind_error(&wanted->reader->binder, wanted->node, NULL, "there are too many costs");
}

/* Adds a value with this label to the axis. */
static struct node *add_cell(const struct wanted *wanted, const char *label)
{
    struct node *cell = node_container(&wanted->reader->experiment->tree, wanted->node->place, NODE_MAP);

    append(wanted, wanted->axis, cell, NULL);
    append(wanted, cell, value_node(wanted, label), "label");
    return cell;
}

static bool add_cost(void *context, const struct cost_row *row)
{
    struct wanted *wanted = context;
    const char *const texts[] = { row->typical, row->low, row->high };

    if (!is_wanted(wanted, row))
        return false;
    wanted->cost_count++;
    for (size_t i = 0; i < wanted->value_count; i++) {
        struct node *cell = wanted->cells[i];

        if (wanted->is_each) {
            char *label;

            CHECK(asprintf(&label, "%s %s", row->path, value_names[wanted->values[i]]) > 0);
            cell = add_cell(wanted, label);
            free(label);
        }
        append(wanted, cell, value_node(wanted, texts[wanted->values[i]]), row->path);
    }
    return false;
}

const struct node *read_cost_axis(struct reader *reader, const struct node *node, const struct scenario *scenario)
{
    struct wanted wanted = { .reader = reader, .scenario = scenario, .node = node };
    size_t errors = reader->diag->error_count;

    read_wanted(&wanted);
    if (reader->diag->error_count > errors)
        return NULL;
    wanted.axis = node_container(&reader->experiment->tree, node->place, NODE_LIST);
    if (wanted.is_each) /* one that changes nothing */
        append(&wanted, add_cell(&wanted, "as it is"), value_node(&wanted, scenario->setup.hypervisor.design),
               "hypervisor.design");
    for (size_t i = 0; i < wanted.value_count && !wanted.is_each; i++)
        wanted.cells[i] = add_cell(&wanted, value_names[wanted.values[i]]);
    cost_each(scenario, add_cost, &wanted);
    if (wanted.cost_count == 0)
        bind_error(&reader->binder, node, NULL, "no cost of the scenario is meant");
    return reader->diag->error_count > errors ? NULL : wanted.axis;
}
