/* SPDX-License-Identifier: Apache-2.0
 *
 * The scenario of each matrix cell: resolved when its first run begins, shared by the runs with different seeds, and
 * freed when the last run has ended. Some dozens are kept for runs that begin later; beyond them a sweep holds those
 * that run, and resolves a scenario again.
 */
#ifndef SWEEP_CELL_SCENARIOS_H
#define SWEEP_CELL_SCENARIOS_H

#include <stdatomic.h>
#include <stddef.h>

struct cell_scenario;
struct scenario;

struct cell_scenarios {
    const struct scenario *base;
    struct cell_scenario *rows; /* one for each matrix cell */
    size_t count;
    atomic_size_t loaded;
};

void cell_scenarios_init(struct cell_scenarios *scenarios, const struct scenario *base);
void cell_scenarios_free(struct cell_scenarios *scenarios);

/* Announces one more run of this matrix cell. All runs are announced before the first cell_scenarios_take. */
void cell_scenarios_expect(struct cell_scenarios *scenarios, size_t matrix_cell);

/* Get and release the scenario of a matrix cell, once for each announced run, in any thread. The cell must be valid,
 * which sweep_plan_make has checked. */
const struct scenario *cell_scenarios_take(struct cell_scenarios *scenarios, size_t matrix_cell);
void cell_scenarios_return(struct cell_scenarios *scenarios, size_t matrix_cell);

#endif
