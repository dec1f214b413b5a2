/* SPDX-License-Identifier: Apache-2.0
 *
 * What a sweep is: the list of its cells, each with the file that holds its result and the fingerprint of the resolved
 * scenario that made it. The plan stands as sweep.json in the sweep's directory; any number of machines may work on
 * parts of it, as all of them write the same plan.
 */
#ifndef SWEEP_PLAN_H
#define SWEEP_PLAN_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "result/result.h"
#include "result/cbor.h"

struct scenario;
struct diag;

struct sweep_cell {
    char file[32]; /* "cell-000012.cbor" */
    char *design;
    uint64_t seed;
    struct result_axis *axes; /* ascending by path */
    size_t axis_count;
    char resolved_hash[RESULT_HASH_TEXT_BYTES]; /* of the resolved scenario, design and seed included */
    size_t matrix_cell;
};

struct sweep_plan {
    char *scenario;
    struct sweep_cell *cells; /* matrix cells in order, the seeds of each together */
    size_t count;
};

enum sweep_cell_state {
    SWEEP_CELL_ABSENT,
    SWEEP_CELL_DONE,
    SWEEP_CELL_DAMAGED, /* unreadable or partial: to be redone */
    SWEEP_CELL_FOREIGN, /* the result of something else: never overwritten */
};

/* All cells of the scenario's matrix, `seed_count` seeds each, from the cell's own seed on. False with errors in diag
 * when a cell is no valid scenario. */
bool sweep_plan_make(struct sweep_plan *plan, const struct scenario *scenario, size_t seed_count, struct diag *diag);
void sweep_plan_free(struct sweep_plan *plan);

/* Writes sweep.json, or sees that the one there is the same. False with a message. */
bool sweep_plan_write(const struct sweep_plan *plan, const char *directory, char *message, size_t message_bytes);

/* The plan of a directory; matrix_cell is not known then. */
bool sweep_plan_read(struct sweep_plan *plan, const char *directory, char *message, size_t message_bytes);

/* Looks at the cell's file. When done, the result is appended to `set` unless that is NULL. The message says what is
 * wrong with a damaged or foreign one. */
enum sweep_cell_state sweep_cell_check(const struct sweep_cell *cell, const char *scenario, const char *directory,
                                       struct result_set *set, char *message, size_t message_bytes);

/* DIRECTORY/FILE on the heap. */
char *sweep_path(const char *directory, const char *file);

#endif
