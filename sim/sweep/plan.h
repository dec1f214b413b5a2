/* SPDX-License-Identifier: Apache-2.0
 *
 * The plan of a sweep: the list of its cells, each with the file of its result and the fingerprint of its resolved
 * scenario. The plan is stored as sweep.json in the directory of the sweep. Several machines may work on parts of a
 * sweep, as all of them write the same plan.
 */
#ifndef SWEEP_PLAN_H
#define SWEEP_PLAN_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "code/object.h"
#include "result/result.h"
#include "result/cbor.h"

struct scenario;
struct diag;

struct sweep_cell {
    char file[32];                   /* "cell-000012.cbor" */
    char *design;                    /* result_design_name */
    char code[CODE_HASH_TEXT_BYTES]; /* hash of the code object; "": none */
    uint64_t seed;
    struct result_axis *axes; /* ascending by path */
    size_t axis_count;
    char resolved_hash[RESULT_HASH_TEXT_BYTES]; /* of the resolved scenario, design and seed included */
    size_t matrix_cell;
    double work; /* expected (sweep/work.h) */
};

struct sweep_plan {
    char *scenario;
    char *version, *build;    /* of the program that makes the results; build "": it is not known */
    struct sweep_cell *cells; /* in order of matrix cells, then seeds */
    size_t count;
};

enum sweep_cell_state {
    SWEEP_CELL_ABSENT,
    SWEEP_CELL_DONE,
    SWEEP_CELL_DAMAGED, /* unreadable or partial; will be run again */
    SWEEP_CELL_FOREIGN, /* the result of another scenario or of another build; never overwritten */
};

/* Makes a plan of all cells of the scenario's matrix, with `seed_count` consecutive seeds each from the seed of the
 * cell. Returns false with errors in diag when a cell is not a valid scenario. */
bool sweep_plan_make(struct sweep_plan *plan, const struct scenario *scenario, size_t seed_count, struct diag *diag);
void sweep_plan_free(struct sweep_plan *plan);

/* Writes sweep.json, or checks that an existing one is the same, made by the same build. On failure returns false with
 * a message. Several processes may do so at the same time. */
bool sweep_plan_write(const struct sweep_plan *plan, const char *directory, char *message, size_t message_bytes);

/* Reads the plan of a directory, without matrix_cell and work of its cells. On failure returns false with a message. */
bool sweep_plan_read(struct sweep_plan *plan, const char *directory, char *message, size_t message_bytes);

/* Checks the file of a cell of the plan. If the cell is done, its result is appended to `set` unless that is NULL. For
 * any other state the message says what is wrong. */
enum sweep_cell_state sweep_cell_check(const struct sweep_plan *plan, const struct sweep_cell *cell,
                                       const char *directory, struct result_set *set, char *message,
                                       size_t message_bytes);

/* Writes the file of a cell, in place of any that is there: its result, which names the plan's version and build as
 * what made it. On failure returns false with a message. */
bool sweep_cell_write(const struct sweep_plan *plan, const struct sweep_cell *cell, const char *directory,
                      struct result *result, char *message, size_t message_bytes);

/* Returns DIRECTORY/FILE; the caller frees it. */
char *sweep_path(const char *directory, const char *file);

#endif
