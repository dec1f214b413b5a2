/* SPDX-License-Identifier: Apache-2.0
 *
 * Collects distinct combinations of labels, and sorts them.
 */
#include "experiment/groups.h"

#include <stdlib.h>
#include <string.h>

#include "base/check.h"

struct order {
    size_t group, axis_count;
    size_t *indices; /* of the labels among the values of their axes */
};

const char *const *group_labels(const struct groups *groups, size_t group)
{
    return groups->labels + group * groups->axis_count;
}

static bool has_labels(const struct groups *groups, size_t group, const struct experiment_row *row, const size_t *axes)
{
    for (size_t i = 0; i < groups->axis_count; i++) {
        const char *left = group_labels(groups, group)[i], *right = row->labels[axes[i]];

        if (left != right && strcmp(left, right) != 0)
            return false;
    }
    return true;
}

/* Rows to which one of the axes does not apply belong to no group. */
static void add_group(struct groups *groups, const struct experiment_row *row, const size_t *axes)
{
    size_t group = groups->count;

    for (size_t i = 0; i < groups->axis_count; i++)
        if (row->labels[axes[i]] == NULL)
            return;
    while (group > 0 && !has_labels(groups, group - 1, row, axes)) /* most often it is the last one */
        group--;
    if (group > 0)
        return;
    groups->labels = realloc(groups->labels, (groups->count + 1) * (groups->axis_count + 1) * sizeof *groups->labels);
    CHECK(groups->labels != NULL);
    for (size_t i = 0; i < groups->axis_count; i++)
        groups->labels[groups->count * groups->axis_count + i] = row->labels[axes[i]];
    groups->count++;
}

static int compare(const void *left, const void *right)
{
    const struct order *a = left, *b = right;

    for (size_t i = 0; i < a->axis_count; i++)
        if (a->indices[i] != b->indices[i])
            return a->indices[i] < b->indices[i] ? -1 : 1;
    return a->group < b->group ? -1 : 1;
}

static size_t index_of(const struct experiment_axis *axis, const char *label)
{
    for (size_t i = 0; i < axis->value_count; i++)
        if (strcmp(axis->values[i], label) == 0)
            return i;
    return SIZE_MAX;
}

static void sort_groups(struct groups *groups, const struct experiment *experiment, const size_t *axes)
{
    struct order *orders = calloc(groups->count + 1, sizeof *orders);
    size_t *indices = calloc(groups->count * groups->axis_count + 1, sizeof *indices);
    const char **sorted = calloc(groups->count * groups->axis_count + 1, sizeof *sorted);

    CHECK(orders != NULL && indices != NULL && sorted != NULL);
    for (size_t i = 0; i < groups->count; i++) {
        orders[i] = (struct order){ i, groups->axis_count, indices + i * groups->axis_count };
        for (size_t j = 0; j < groups->axis_count; j++)
            orders[i].indices[j] = index_of(&experiment->axes[axes[j]], group_labels(groups, i)[j]);
    }
    qsort(orders, groups->count, sizeof *orders, compare);
    for (size_t i = 0; i < groups->count; i++)
        for (size_t j = 0; j < groups->axis_count; j++)
            sorted[i * groups->axis_count + j] = group_labels(groups, orders[i].group)[j];
    free(groups->labels);
    groups->labels = sorted;
    free(indices);
    free(orders);
}

void groups_find(struct groups *groups, const struct experiment_rows *rows, const struct experiment *experiment,
                 const struct formula *where, const size_t *axes, size_t axis_count)
{
    struct selection selection = { .where = where };

    *groups = (struct groups){ .axis_count = axis_count };
    for (size_t i = 0; i < rows->count; i++)
        if (is_selected(&selection, &rows->rows[i]))
            add_group(groups, &rows->rows[i], axes);
    sort_groups(groups, experiment, axes);
}

void groups_free(struct groups *groups)
{
    free(groups->labels);
    *groups = (struct groups){ 0 };
}
