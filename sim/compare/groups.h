/* SPDX-License-Identifier: Apache-2.0
 *
 * Groups the results of a set by cell: results of a cell have the same scenario, design and axes and differ only in
 * their seeds. Partial results are left out.
 */
#ifndef COMPARE_GROUPS_H
#define COMPARE_GROUPS_H

#include <stdbool.h>
#include <stddef.h>

#include "compare/compare.h"
#include "result/result.h"

struct compare_group {
    struct compare_side side;   /* label: the design */
    const struct result *first; /* the result with the lowest seed; gives scenario, design and axes */
    char variant[128]; /* what tells it from the other groups beside design and axes: the scenario's name where there
                          are several; what scenarios of one name differ in, "ratelimit=off"; or "" */
    bool is_mixed;    /* another group is of the same cell, and their scenarios differ in `variant` */
};

struct compare_groups {
    struct compare_group *groups; /* in order of first appearance */
    size_t count;
    size_t partial_count; /* results that were left out */
};

/* Groups the results of a set, which are borrowed: those of a group differ in their seeds alone. */
void compare_groups_make(struct compare_groups *groups, const struct result_set *set);
void compare_groups_free(struct compare_groups *groups);

/* Returns whether two results have the same scenario, design and axes. */
bool compare_same_cell(const struct result *left, const struct result *right);

/* Returns the group with the same cell as this result; otherwise the only one whose cell differs just in the code
 * object, which runs in place of a part of the same design, or which one of them lacks; or NULL. */
struct compare_group *compare_groups_find(const struct compare_groups *groups, const struct result *cell);

/* Writes "sample, softirq-requeue, sockets=8". */
void compare_cell_text(const struct result *cell, char *text, size_t text_bytes);

#endif
