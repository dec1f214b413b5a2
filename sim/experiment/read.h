/* SPDX-License-Identifier: Apache-2.0
 *
 * What the readers of the sections share.
 */
#ifndef EXPERIMENT_READ_H
#define EXPERIMENT_READ_H

#include "experiment/experiment.h"
#include "scenario/bind.h"

struct reader {
    struct experiment *experiment;
    struct diag *diag;
    struct binder binder;
    const char *source_text; /* of the file, for the indentation of blocks */
    bool is_deriving;        /* names of `derive` are being resolved */
};

/* The sections. Errors are added to reader->diag. A NULL node is a missing section. */
void read_runs(struct reader *reader, const struct node *node);
void read_derive(struct reader *reader, const struct node *node);
void read_keep(struct reader *reader, const struct node *node);
void read_tables(struct reader *reader, const struct node *node);
void read_figures(struct reader *reader, const struct node *node);
void read_published(struct reader *reader, const struct node *node);
void read_expectations(struct reader *reader, const struct node *node, bool is_aim);
void read_text(struct reader *reader, const struct node *node, struct experiment_text *text);

/* Loads the scenarios of all runs, with their changes. */
void load_runs(struct reader *reader);

/* Reads a run of rows that were measured elsewhere (measured.c). */
void read_measured(struct reader *reader, const struct node *node, struct experiment_run *run);

/* Reads a run of indices (indices.c), and checks the runs that it names once all are read. */
void read_indices(struct reader *reader, const struct node *node, struct experiment_run *run);
void check_indices(struct reader *reader);

/* The axes and numbers of the rows of indices; the lists end with NULL. */
extern const char *const indices_axes[], *const indices_numbers[];

/* Returns the number of that name among those of the measured runs; NULL if none has it. */
const struct experiment_number *measured_number(const struct experiment *experiment, const char *name);

/* Returns the values of the axis `costs` of a run (read_costs.c), or NULL after an error. */
const struct node *read_cost_axis(struct reader *reader, const struct node *node, const struct scenario *scenario);

/* Returns the values of the axis `vary` of a run (read_vary.c), or NULL after an error. */
const struct node *read_vary_axis(struct reader *reader, const struct node *node);

/* Collects the axes, once the scenarios are loaded. */
void build_axes(struct experiment *experiment);

/* Gives every name in the experiment its axis or quantity, and checks labels. */
void resolve_names(struct reader *reader);

/* Reports the keys of a map that are not in the list, which ends with NULL. */
void read_check_keys(const struct reader *reader, const struct node *map, const char *const *keys);

/* Return a copy of the text of a key of a map, or NULL when it is missing or after an error. */
char *read_string(const struct reader *reader, const struct node *map, const char *key, const char *what);

/* Reads on or off; `otherwise` when the key is missing. */
bool read_switch(const struct reader *reader, const struct node *map, const char *key, bool otherwise);

/* Reads a number from 1 to the limit; `otherwise` when the key is missing. */
uint64_t read_number(const struct reader *reader, const struct node *map, const char *key, uint64_t limit,
                     uint64_t otherwise);

/* Returns where the text of a scalar stands. */
struct formula_text read_formula_text(const struct reader *reader, const struct node *node);

/* Return the formula of a scalar, or NULL after an error. */
struct formula *read_formula(const struct reader *reader, const struct node *node);
struct formula *read_conditions(const struct reader *reader, const struct node *map, const char *key);

/* Reads a list of columns, or a single one. */
struct experiment_column *read_columns(const struct reader *reader, const struct node *node, size_t *count);
void experiment_columns_free(struct experiment_column *columns, size_t count);

/* Adds run=NAME to the conditions of every name in the formula that says nothing of a run. */
void formula_set_run(struct formula *formula, const char *run);

/* Makes room for one more element of `bytes` bytes at the end of an array, zeroed, and returns it. */
void *array_add(void *array, size_t *count, size_t bytes);
#define ARRAY_ADD(array, count) (array_add(&(array), &(count), sizeof *(array)))

#endif
