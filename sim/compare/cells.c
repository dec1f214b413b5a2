/* SPDX-License-Identifier: Apache-2.0
 *
 * Every cell has a slot for its result, so the order of the threads leaves no trace.
 */
#define _GNU_SOURCE
#include "compare/cells.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "base/check.h"
#include "simulation/watcher.h"
#include "scenario/scenario.h"
#include "sweep/pool.h"

#define MESSAGE_BYTES 512

struct cell {
    struct result result; /* empty until the run returned */
    bool is_done;
    char message[MESSAGE_BYTES]; /* why it was refused; "" otherwise */
};

struct work {
    const struct compare_cells *cells;
    struct cell *cell;             /* [design_count * seed_count], design by design */
    struct run_progress *progress; /* [the same] */
    size_t count;
};

static bool run_cell(void *context, size_t index, size_t worker);

bool compare_cells_run(const struct compare_cells *cells, struct result_set *set, bool *was_cancelled, char *message,
                       size_t message_bytes)
{
    struct work work = { .cells = cells, .count = cells->design_count * cells->seed_count };
    struct watcher *watcher = cells->watcher;
    bool is_good = true;

    work.cell = calloc(work.count, sizeof *work.cell);
    work.progress = calloc(work.count, sizeof *work.progress);
    CHECK(work.cell != NULL && work.progress != NULL);
    for (size_t i = 0; i < work.count; i++)
        work.progress[i].is_cancelled = &watcher->is_cancelled;
    watcher->begin(watcher, &(struct watched_runs){ cells->scenario->name, work.progress, work.count });
    sweep_pool_run(work.count, cells->threads, &watcher->is_cancelled, run_cell, &work);
    watcher->end(watcher);
    *was_cancelled = atomic_load(&watcher->is_cancelled);

    for (size_t i = 0; i < work.count; i++) {
        if (work.cell[i].message[0] != '\0' && is_good) {
            snprintf(message, message_bytes, "%s", work.cell[i].message);
            is_good = false;
        }
        if (work.cell[i].is_done)
            result_set_append(set, &work.cell[i].result);
    }
    free(work.progress);
    free(work.cell);
    return is_good;
}

static bool run_cell(void *context, size_t index, size_t worker)
{
    struct work *work = context;
    const struct compare_cells *cells = work->cells;
    struct cell *cell = &work->cell[index];
    char why[MESSAGE_BYTES - 100] = "";

    (void)worker;
    const char *design = cells->designs[index / cells->seed_count];
    uint64_t seed = cells->first_seed + index % cells->seed_count;
    cell->is_done = run_scenario(cells->scenario, design, seed, &work->progress[index], &cell->result, why, sizeof why);
    if (!cell->is_done)
        snprintf(cell->message, sizeof cell->message, "%.60s: %s", design, why);
    return cell->is_done;
}
