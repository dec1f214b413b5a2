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
#include "compare/difference.h"

static bool is_same_design(const struct result *left, const struct result *right)
{
    size_t bytes = result_design_bytes(left);

    return bytes == result_design_bytes(right) && memcmp(left->design, right->design, bytes) == 0;
}

static bool has_same_axes(const struct result *left, const struct result *right)
{
    if (left->axis_count != right->axis_count)
        return false;
    for (size_t i = 0; i < left->axis_count; i++)
        if (strcmp(left->axes[i].path, right->axes[i].path) != 0 ||
            strcmp(left->axes[i].value, right->axes[i].value) != 0)
            return false;
    return true;
}

static bool is_same_code(const struct result *left, const struct result *right)
{
    if (left->code.hash == NULL || right->code.hash == NULL)
        return left->code.hash == right->code.hash;
    return strcmp(left->code.hash, right->code.hash) == 0;
}

static bool is_same_but_for_scenario(const struct result *left, const struct result *right)
{
    return is_same_design(left, right) && is_same_code(left, right) && has_same_axes(left, right);
}

bool compare_same_cell(const struct result *left, const struct result *right)
{
    return strcmp(left->scenario, right->scenario) == 0 && is_same_but_for_scenario(left, right);
}

static size_t line_bytes(const char *text) { return strcspn(text, "\n"); }

/* The next line that a run depends on beside its seed; "" at the end, or where the headline or the expectations
 * begin. */
static const char *next_line(const char *text)
{
    static const char seed[] = "  seed: ", headline[] = "headline:", expect[] = "expect:";

    while (strncmp(text, seed, sizeof seed - 1) == 0)
        text += line_bytes(text) + (text[line_bytes(text)] == '\n');
    bool is_end = strncmp(text, headline, sizeof headline - 1) == 0 || strncmp(text, expect, sizeof expect - 1) == 0;
    return is_end ? "" : text;
}

/* Whether two resolved scenarios differ in the seed alone. */
static bool is_same_scenario(const struct result *left, const struct result *right)
{
    const char *a = next_line(left->resolved), *b = next_line(right->resolved);

    while (*a != '\0' && line_bytes(a) == line_bytes(b) && memcmp(a, b, line_bytes(a)) == 0) {
        a = next_line(a + line_bytes(a) + (a[line_bytes(a)] == '\n'));
        b = next_line(b + line_bytes(b) + (b[line_bytes(b)] == '\n'));
    }
    return *a == '\0' && *b == '\0';
}

/* The groups of the same cell, the first of which is `first`, whose keys are read. Returns their number. */
static size_t find_cell(const struct compare_groups *groups, size_t first, size_t *found, struct difference_keys *keys)
{
    size_t count = 0;

    for (size_t i = first; i < groups->count; i++)
        if (compare_same_cell(groups->groups[first].first, groups->groups[i].first)) {
            difference_keys_read(&keys[count], groups->groups[i].first->resolved);
            found[count++] = i;
        }
    return count;
}

/* Appends what the scenarios of a cell differ in to their variants. */
static void tell_apart(struct compare_groups *groups, const size_t *cell, const struct difference_keys *keys,
                       size_t count)
{
    for (size_t i = 0; i < count; i++) {
        struct compare_group *group = &groups->groups[cell[i]];
        size_t used = strlen(group->variant), room = sizeof group->variant - used;
        char text[sizeof group->variant];

        group->is_mixed = true;
        (void)difference_text(keys, count, i, true, text, sizeof text);
        (void)snprintf(group->variant + used, room, "%s%.*s", used > 0 && text[0] != '\0' ? ", " : "",
                       (int)(sizeof text - 1), text);
        for (size_t j = 0; j < i; j++) /* what differs stands in none of the first keys */
            if (strcmp(groups->groups[cell[j]].variant, group->variant) == 0)
                (void)snprintf(group->variant + strnlen(group->variant, sizeof group->variant - 28), 28, " [%zu]",
                               i + 1);
    }
}

static void set_variants(struct compare_groups *groups)
{
    size_t *cell = calloc(groups->count + 1, sizeof *cell);
    struct difference_keys *keys = calloc(groups->count + 1, sizeof *keys);
    bool are_of_one = true;

    CHECK(cell != NULL && keys != NULL);
    for (size_t i = 0; i < groups->count; i++)
        are_of_one = are_of_one && strcmp(groups->groups[i].first->scenario, groups->groups[0].first->scenario) == 0;
    for (size_t i = 0; i < groups->count && !are_of_one; i++)
        (void)snprintf(groups->groups[i].variant, sizeof groups->groups[i].variant, "%s",
                       groups->groups[i].first->scenario);
    for (size_t i = 0; i < groups->count; i++) {
        if (groups->groups[i].is_mixed)
            continue;
        size_t count = find_cell(groups, i, cell, keys);
        if (count > 1)
            tell_apart(groups, cell, keys, count);
        for (size_t j = 0; j < count; j++)
            difference_keys_free(&keys[j]);
    }
    free(keys);
    free(cell);
}

/* The group of the same cell and the same scenario but for the seed. */
static struct compare_group *find_same(const struct compare_groups *groups, const struct result *result)
{
    for (size_t i = 0; i < groups->count; i++)
        if (compare_same_cell(groups->groups[i].first, result) && is_same_scenario(groups->groups[i].first, result))
            return &groups->groups[i];
    return NULL;
}

struct compare_group *compare_groups_find(const struct compare_groups *groups, const struct result *cell)
{
    for (size_t i = 0; i < groups->count; i++)
        if (compare_same_cell(groups->groups[i].first, cell))
            return &groups->groups[i];
    struct compare_group *found = NULL;
    for (size_t i = 0; i < groups->count; i++) {
        const struct result *first = groups->groups[i].first;
        if (strcmp(first->scenario, cell->scenario) != 0 || !is_same_design(first, cell) || !has_same_axes(first, cell))
            continue;
        if (found != NULL)
            return NULL;
        found = &groups->groups[i];
    }
    return found;
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
        struct compare_group *group = find_same(groups, result);
        if (group == NULL) {
            group = &groups->groups[groups->count++];
            compare_side_init(&group->side, result->design);
        }
        compare_side_add(&group->side, result);
        group->first = group->side.results[0];
    }
    set_variants(groups);
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
        if (strcmp(axis->path, "hypervisor.design") == 0 &&
            strncmp(axis->value, cell->design, result_design_bytes(cell)) == 0 &&
            strlen(axis->value) == result_design_bytes(cell))
            continue;
        used += snprintf(text + used, text_bytes - (size_t)used, ", %s=%s", axis->path, axis->value);
    }
}
