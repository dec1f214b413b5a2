/* SPDX-License-Identifier: Apache-2.0
 *
 * Groups of rows with the same labels on some axes, in the order of the axes' values.
 */
#ifndef EXPERIMENT_GROUPS_H
#define EXPERIMENT_GROUPS_H

#include "experiment/reading.h"

struct groups {
    size_t axis_count;
    const char **labels; /* [count][axis_count] */
    size_t count;
};

/* Finds the groups of the rows that `where` allows. */
void groups_find(struct groups *groups, const struct experiment_rows *rows, const struct experiment *experiment,
                 const struct formula *where, const size_t *axes, size_t axis_count);
void groups_free(struct groups *groups);

/* Returns the labels of a group. */
const char *const *group_labels(const struct groups *groups, size_t group);

#endif
