/* SPDX-License-Identifier: Apache-2.0
 *
 * A small table of texts: aligned for a terminal, or Markdown. The first row is the heading; the first columns are
 * aligned left, the others right.
 */
#ifndef RESULT_TABLE_H
#define RESULT_TABLE_H

#include <stdbool.h>
#include <stddef.h>
#include <stdio.h>

struct table {
    size_t columns, left_columns;
    char **cells; /* row by row */
    size_t count, capacity;
};

void table_init(struct table *table, size_t columns, size_t left_columns);
void table_free(struct table *table);

/* Appends the next cell of the row, or of the next row. */
__attribute__((format(printf, 2, 3))) void table_cell(struct table *table, const char *format, ...);

/* CHECKs that the last row is complete. `indent` blanks stand before each line. */
void table_print(const struct table *table, FILE *out, size_t indent, bool use_colour);
void table_print_markdown(const struct table *table, FILE *out);

#endif
