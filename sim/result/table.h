/* SPDX-License-Identifier: Apache-2.0
 *
 * A table of text cells, printed with aligned columns or as Markdown. The first row is the heading. The first
 * `left_columns` columns are aligned to the left, the others to the right, but for the last one where is_last_left.
 */
#ifndef RESULT_TABLE_H
#define RESULT_TABLE_H

#include <stdbool.h>
#include <stddef.h>
#include <stdio.h>

struct table {
    size_t columns, left_columns;
    bool is_last_left; /* the last column, too */
    char **cells;      /* in row order */
    size_t count, capacity;
};

void table_init(struct table *table, size_t columns, size_t left_columns);
void table_free(struct table *table);

/* Appends a cell to the row; after the last column, to the next row. */
__attribute__((format(printf, 2, 3))) void table_cell(struct table *table, const char *format, ...);

/* Returns the number of characters in the longest line that table_print prints, without the indentation. */
size_t table_width(const struct table *table);

size_t table_column_width(const struct table *table, size_t column);

/* Shortens the texts of a column to at most `width` characters, with "…" in place of their middle. width >= 1. */
void table_shorten(struct table *table, size_t column, size_t width);

/* Prints the table, each line indented by `indent` blanks and without blanks at its end. CHECKs that the last row is
 * complete. */
void table_print(const struct table *table, FILE *out, size_t indent, bool use_colour);
void table_print_markdown(const struct table *table, FILE *out);

#endif
