/* SPDX-License-Identifier: Apache-2.0
 *
 * The rows of data.csv: one for each run with one seed, each machine of a sample in each cell, or each exploration. A
 * row has a label on each axis that applies to it, and a value of each quantity, of which some may be absent.
 */
#ifndef EXPERIMENT_ROWS_H
#define EXPERIMENT_ROWS_H

#include "experiment/experiment.h"
#include "experiment/quotient.h"
#include "result/result.h"

struct siblings;

struct experiment_row {
    size_t run;
    const char **labels;         /* [axis_count]; NULL: the axis does not apply */
    struct quotient *values;     /* [quantity_count] */
    char *replay;                /* file with the violating trace as text; owned; NULL: none */
    const struct result *result; /* NULL: of a sample, an exploration or a file */
};

struct experiment_rows {
    struct experiment_row *rows;
    size_t count, capacity;
    struct result_set results; /* of the simulated runs */
    char **texts;              /* of labels */
    size_t text_count;
    char **messages; /* what a reader should know: values that are missing, and why */
    size_t message_count;
    struct siblings *siblings; /* what find_sibling has found out about these rows; owned */
};

void rows_init(struct experiment_rows *rows);
void rows_free(struct experiment_rows *rows);

/* Appends a row without labels and values. The pointer is valid until the next call. */
struct experiment_row *rows_add(struct experiment_rows *rows, const struct experiment *experiment, size_t run);

/* Sets a label, which is copied, unless the experiment has no such axis. */
void rows_label(struct experiment_rows *rows, struct experiment *experiment, struct experiment_row *row, size_t axis,
                const char *label);
void rows_label_path(struct experiment_rows *rows, struct experiment *experiment, struct experiment_row *row,
                     const char *path, const char *label);

__attribute__((format(printf, 2, 3))) void rows_message(struct experiment_rows *rows, const char *format, ...);

/* Sets the labels of a cell of the scenario's matrix: scenario, design, and its axes. */
void rows_label_cell(struct experiment_rows *rows, struct experiment *experiment, struct experiment_row *row,
                     const struct scenario *scenario, size_t cell);

/* Moves the results of one scenario of a run into the rows. */
void rows_add_results(struct experiment_rows *rows, struct experiment *experiment, size_t run, struct result_set *set);

/* Adds the machines of a sample's table, in every cell of the matrix. False with a message. */
bool rows_add_table(struct experiment_rows *rows, struct experiment *experiment, size_t run, const char *path,
                    char *message, size_t message_bytes);

/* Adds the rows of a data.csv that rows_write_csv has written. False with a message. */
bool rows_read_csv(struct experiment_rows *rows, struct experiment *experiment, const char *path, char *message,
                   size_t message_bytes);

/* Evaluates the formulas of `derive` in all rows. */
void rows_derive(struct experiment_rows *rows, const struct experiment *experiment);

/* Whether the axis applies to any row. */
bool rows_have_axis(const struct experiment_rows *rows, size_t axis);

/* Writes labels and values, without columns that no row has. */
void rows_write_csv(const struct experiment_rows *rows, const struct experiment *experiment, FILE *out);

#endif
