/* SPDX-License-Identifier: Apache-2.0
 *
 * The cells of a set of results: those that agree in scenario, design and all axes, and differ in their seeds alone.
 * Partial results belong to no cell.
 */
#ifndef COMPARE_GROUPS_H
#define COMPARE_GROUPS_H

#include <stdbool.h>
#include <stddef.h>

#include "compare/compare.h"
#include "result/result.h"

struct compare_group {
    struct compare_side side;   /* label: the design */
    const struct result *first; /* of lowest seed: stands for scenario, design, axes */
};

struct compare_groups {
    struct compare_group *groups; /* in order of first appearance */
    size_t count;
    size_t partial_count; /* results that were left out */
};

/* Borrows the results. */
void compare_groups_make(struct compare_groups *groups, const struct result_set *set);
void compare_groups_free(struct compare_groups *groups);

/* Same scenario, design and axes. */
bool compare_same_cell(const struct result *left, const struct result *right);

/* The group of that cell, or NULL. */
struct compare_group *compare_groups_find(const struct compare_groups *groups, const struct result *cell);

/* "sample, softirq-requeue, sockets=8" */
void compare_cell_text(const struct result *cell, char *text, size_t text_bytes);

#endif
