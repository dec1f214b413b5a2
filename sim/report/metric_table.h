/* SPDX-License-Identifier: Apache-2.0
 *
 * A table with a row for each metric and a column for each cell. Each cell carries the number behind its text, in
 * data-value; on narrow pages rows become cards.
 */
#ifndef REPORT_METRIC_TABLE_H
#define REPORT_METRIC_TABLE_H

#include <stddef.h>

struct page;
struct values;

/* Prints these rows, in this order. `id` is that of the element. */
void metric_table_print(struct page *page, const char *id, const struct values *values, const size_t *rows,
                        size_t count);

#endif
