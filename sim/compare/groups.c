/* SPDX-License-Identifier: Apache-2.0
 *
 * Groups results by linear search over the groups found so far; sets have at most hundreds of cells.
 */
#define _GNU_SOURCE
#include "compare/groups.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "base/check.h"

bool compare_same_cell(const struct result *left, const struct result *right)
{
    if (strcmp(left->scenario, right->scenario) != 0 || strcmp(left->design, right->design) != 0 ||
        left->axis_count != right->axis_count)
        return false;
    for (size_t i = 0; i < left->axis_count; i++)
        if (strcmp(left->axes[i].path, right->axes[i].path) != 0 ||
            strcmp(left->axes[i].value, right->axes[i].value) != 0)
            return false;
    return true;
}

struct compare_group *compare_groups_find(const struct compare_groups *groups, const struct result *cell)
{
    for (size_t i = 0; i < groups->count; i++)
        if (compare_same_cell(groups->groups[i].first, cell))
            return &groups->groups[i];
    return NULL;
}

void compare_groups_make(struct compare_groups *groups, const struct result_set *set)
{
    *groups = (struct compare_groups){ .groups = calloc(set->count + 1, sizeof *groups->groups) };
    CHECK(groups->groups != NULL);
    for (size_t i = 0; i < set->count; i++) {
        const struct result *result = &set->results[i];
        if (result->is_partial) {
            groups->partial_count++;
            continue;
        }
        struct compare_group *group = compare_groups_find(groups, result);
        if (group == NULL) {
            group = &groups->groups[groups->count++];
            compare_side_init(&group->side, result->design);
        }
        compare_side_add(&group->side, result);
        group->first = group->side.results[0];
    }
}

void compare_groups_free(struct compare_groups *groups)
{
    for (size_t i = 0; i < groups->count; i++)
        free(groups->groups[i].side.results);
    free(groups->groups);
    *groups = (struct compare_groups){ 0 };
}

void compare_cell_text(const struct result *cell, char *text, size_t text_bytes)
{
    int used = snprintf(text, text_bytes, "%s, %s", cell->scenario, cell->design);
    for (size_t i = 0; i < cell->axis_count && used >= 0 && (size_t)used < text_bytes; i++) {
        const struct result_axis *axis = &cell->axes[i];
        if (strcmp(axis->path, "hypervisor.design") == 0 && strcmp(axis->value, cell->design) == 0)
            continue;
        used += snprintf(text + used, text_bytes - (size_t)used, ", %s=%s", axis->path, axis->value);
    }
}
