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
};

void cell_scenarios_init(struct cell_scenarios *scenarios, const struct scenario *base)
{
    *scenarios = (struct cell_scenarios){ .base = base, .count = scenario_cell_count(base) };
    scenarios->rows = calloc(scenarios->count, sizeof *scenarios->rows);
    CHECK(scenarios->rows != NULL);
    for (size_t i = 0; i < scenarios->count; i++)
        CHECK(pthread_mutex_init(&scenarios->rows[i].mutex, NULL) == 0);
}

static void drop(struct cell_scenario *row)
{
    if (row->scenario == NULL)
        return;
    scenario_free(row->scenario);
    free(row->scenario);
    row->scenario = NULL;
}

void cell_scenarios_free(struct cell_scenarios *scenarios)
{
    for (size_t i = 0; i < scenarios->count; i++) {
        drop(&scenarios->rows[i]);
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
    if (row->scenario == NULL)
        row->scenario = resolve(scenarios->base, matrix_cell);
    const struct scenario *scenario = row->scenario;
    CHECK(pthread_mutex_unlock(&row->mutex) == 0);
    return scenario;
}

void cell_scenarios_return(struct cell_scenarios *scenarios, size_t matrix_cell)
{
    struct cell_scenario *row = &scenarios->rows[matrix_cell];

    CHECK(pthread_mutex_lock(&row->mutex) == 0);
    CHECK(row->runs > 0);
    if (--row->runs == 0)
        drop(row);
    CHECK(pthread_mutex_unlock(&row->mutex) == 0);
}
