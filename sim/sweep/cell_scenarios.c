/* SPDX-License-Identifier: Apache-2.0
 *
 * Reference-counted scenarios of matrix cells. Each row has its own mutex, so that cells are resolved in parallel.
 */
#define _GNU_SOURCE
#include "sweep/cell_scenarios.h"

#include <pthread.h>
#include <stdlib.h>

#include "base/check.h"
#include "base/diag.h"
#include "scenario/scenario.h"

struct cell_scenario {
    pthread_mutex_t mutex;
    struct scenario *scenario; /* NULL before the first run and after the last */
    size_t runs;               /* number of runs that have not ended */
    size_t users;              /* of them, those that run */
};

#define LOADED_MAX 64 /* scenarios, of a few hundred KiB each, that are kept for later runs */

void cell_scenarios_init(struct cell_scenarios *scenarios, const struct scenario *base)
{
    *scenarios = (struct cell_scenarios){ .base = base, .count = scenario_cell_count(base) };
    atomic_init(&scenarios->loaded, 0);
    scenarios->rows = calloc(scenarios->count, sizeof *scenarios->rows);
    CHECK(scenarios->rows != NULL);
    for (size_t i = 0; i < scenarios->count; i++)
        CHECK(pthread_mutex_init(&scenarios->rows[i].mutex, NULL) == 0);
}

static void drop(struct cell_scenarios *scenarios, struct cell_scenario *row)
{
    if (row->scenario == NULL)
        return;
    scenario_free(row->scenario);
    free(row->scenario);
    row->scenario = NULL;
    atomic_fetch_sub(&scenarios->loaded, 1);
}

void cell_scenarios_free(struct cell_scenarios *scenarios)
{
    for (size_t i = 0; i < scenarios->count; i++) {
        drop(scenarios, &scenarios->rows[i]);
        pthread_mutex_destroy(&scenarios->rows[i].mutex);
    }
    free(scenarios->rows);
    *scenarios = (struct cell_scenarios){ .count = 0 };
}

void cell_scenarios_expect(struct cell_scenarios *scenarios, size_t matrix_cell)
{
    CHECK(matrix_cell < scenarios->count);
    scenarios->rows[matrix_cell].runs++;
}

static struct scenario *resolve(const struct scenario *base, size_t matrix_cell)
{
    struct scenario *scenario = malloc(sizeof *scenario);
    struct diag diag;

    CHECK(scenario != NULL);
    diag_init(&diag);
    CHECK(scenario_cell_load(scenario, base, matrix_cell, &diag) == SCENARIO_OK);
    diag_free(&diag);
    return scenario;
}

const struct scenario *cell_scenarios_take(struct cell_scenarios *scenarios, size_t matrix_cell)
{
    CHECK(matrix_cell < scenarios->count);
    struct cell_scenario *row = &scenarios->rows[matrix_cell];

    CHECK(pthread_mutex_lock(&row->mutex) == 0);
    CHECK(row->runs > 0);
    if (row->scenario == NULL) {
        row->scenario = resolve(scenarios->base, matrix_cell);
        atomic_fetch_add(&scenarios->loaded, 1);
    }
    row->users++;
    const struct scenario *scenario = row->scenario;
    CHECK(pthread_mutex_unlock(&row->mutex) == 0);
    return scenario;
}

void cell_scenarios_return(struct cell_scenarios *scenarios, size_t matrix_cell)
{
    struct cell_scenario *row = &scenarios->rows[matrix_cell];

    CHECK(pthread_mutex_lock(&row->mutex) == 0);
    CHECK(row->runs > 0 && row->users > 0);
    row->runs--;
    row->users--;
    if (row->runs == 0 || (row->users == 0 && atomic_load(&scenarios->loaded) > LOADED_MAX))
        drop(scenarios, row);
    CHECK(pthread_mutex_unlock(&row->mutex) == 0);
}
