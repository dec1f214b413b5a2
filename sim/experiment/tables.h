/* SPDX-License-Identifier: Apache-2.0
 *
 * The tables of an experiment, filled in.
 */
#ifndef EXPERIMENT_TABLES_H
#define EXPERIMENT_TABLES_H

#include "experiment/reading.h"

struct filled_cell {
    char *text;
    bool is_label;
    struct reading reading; /* unless it is a label; value in the unit of the column */
};

struct filled_table {
    char *title; /* NULL: none */
    char **heads, **units;
    size_t column_count, label_columns;
    struct filled_cell *cells; /* [row_count][column_count] */
    size_t row_count;
};

void table_fill(struct filled_table *filled, const struct experiment_rows *rows, const struct experiment *experiment,
                const struct experiment_table *table);
void filled_table_free(struct filled_table *filled);

/* The heading of a column: its own, or that of its quantity. */
const char *column_title(const struct experiment *experiment, const struct experiment_column *column);

/* The unit in which a column is shown, "" if it is not known. */
const char *column_unit(const struct experiment *experiment, const struct experiment_column *column);

#endif
