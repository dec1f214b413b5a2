/* SPDX-License-Identifier: Apache-2.0
 *
 * Finds the row that differs from another in nothing but the axes of `at`. The rows are indexed once for each set of
 * such axes, so that a derived quantity takes time in proportion to the rows.
 */
#ifndef EXPERIMENT_SIBLINGS_H
#define EXPERIMENT_SIBLINGS_H

#include "experiment/rows.h"

/* The indexes of one set of rows. Free with siblings_free. */
struct siblings *siblings_new(void);
void siblings_free(struct siblings *siblings);

/* Drops all indexes, as rows were added. */
void siblings_forget(struct siblings *siblings);

/* Returns the row that differs from this one in nothing but the axes of `at`; itself without `at`; SIZE_MAX when there
 * is none, or more than one. */
size_t find_sibling(const struct experiment_rows *rows, const struct experiment *experiment, const struct formula *name,
                    size_t row);

#endif
