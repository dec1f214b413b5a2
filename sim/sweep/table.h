/* SPDX-License-Identifier: Apache-2.0
 *
 * A CSV table in memory, with comments before its line of column names.
 */
#ifndef SWEEP_TABLE_H
#define SWEEP_TABLE_H

#include <stdbool.h>
#include <stddef.h>

struct csv {
    char *text; /* the file, cut into fields */
    char **names;
    size_t column_count;
    char **fields; /* [row_count][column_count] */
    size_t row_count;
};

/* Reads the complete lines of a file. Returns false with a message when it cannot be read, or when a line has another
 * number of fields than the first. The caller calls csv_free in either case. */
bool csv_read(struct csv *csv, const char *path, char *message, size_t message_bytes);

/* The same of a text from the heap, which the table owns then; messages name it `path`. */
bool csv_split(struct csv *csv, char *text, const char *path, char *message, size_t message_bytes);

void csv_free(struct csv *csv);

/* Returns the index of a column. Returns false with a message that suggests a similar name. */
bool csv_column(const struct csv *csv, const char *name, size_t *column, char *message, size_t message_bytes);

const char *csv_field(const struct csv *csv, size_t row, size_t column);

/* Converts the field of a drawn value to a number, in the unit without prefix: "1kHz" to 1000, "[3cy, 5cy]" to 3.
 * Returns NaN when it has none. */
double csv_number(const char *field);

#endif
