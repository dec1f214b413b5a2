/* SPDX-License-Identifier: Apache-2.0
 *
 * A table of text cells, printed with aligned columns or as Markdown. The first row is the heading. The first
 * `left_columns` columns are aligned to the left, the others to the right.
 */
#ifndef RESULT_TABLE_H
#define RESULT_TABLE_H

#include <stdbool.h>
#include <stddef.h>
#include <stdio.h>

struct table {
    size_t columns, left_columns;
    char **cells; /* in row order */
    size_t count, capacity;
};

void table_init(struct table *table, size_t columns, size_t left_columns);
void table_free(struct table *table);

/* Appends a cell to the row; after the last column, to the next row. */
__attribute__((format(printf, 2, 3))) void table_cell(struct table *table, const char *format, ...);

/* Prints the table, each line indented by `indent` blanks. CHECKs that the last row is complete. */
void table_print(const struct table *table, FILE *out, size_t indent, bool use_colour);
void table_print_markdown(const struct table *table, FILE *out);

#endif
