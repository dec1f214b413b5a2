/* SPDX-License-Identifier: Apache-2.0
 *
 * The scenario of each matrix cell: resolved when the first of its runs begins, shared by its seeds, freed when the
 * last one has ended. A sweep of many cells holds no more of them than it has threads.
 */
#ifndef SWEEP_CELL_SCENARIOS_H
#define SWEEP_CELL_SCENARIOS_H

#include <stddef.h>

struct cell_scenario;
struct scenario;

struct cell_scenarios {
    const struct scenario *base;
    struct cell_scenario *rows; /* one for each matrix cell */
    size_t count;
};

void cell_scenarios_init(struct cell_scenarios *scenarios, const struct scenario *base);
void cell_scenarios_free(struct cell_scenarios *scenarios);

/* One more run of this matrix cell will be done. All are counted before the first is taken. */
void cell_scenarios_expect(struct cell_scenarios *scenarios, size_t matrix_cell);

/* For each run once, in any thread. The base has been found to load in this cell: a plan was made of it. */
const struct scenario *cell_scenarios_take(struct cell_scenarios *scenarios, size_t matrix_cell);
void cell_scenarios_return(struct cell_scenarios *scenarios, size_t matrix_cell);

#endif
