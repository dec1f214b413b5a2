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
#include "commands/progress.h"
#include "simulation/run.h"
#include "scenario/scenario.h"
#include "sweep/pool.h"

#define MESSAGE_BYTES 512

struct cell {
    struct run_progress progress;
    struct result result; /* empty until the run returned */
    bool is_done;
    char message[MESSAGE_BYTES]; /* why it was refused; "" otherwise */
};

struct work {
    const struct compare_cells *cells;
    struct cell *cell; /* [design_count * seed_count], design by design */
    size_t count;
    double start_seconds;
};

static bool run_cell(void *context, size_t index, size_t worker);
static void describe_cells(void *context, char *line, size_t line_bytes);

bool compare_cells_run(const struct compare_cells *cells, struct result_set *set, bool *was_cancelled, char *message,
                       size_t message_bytes)
{
    struct work work = { .cells = cells, .count = cells->design_count * cells->seed_count };
    struct progress progress;
    bool is_good = true;

    work.cell = calloc(work.count, sizeof *work.cell);
    CHECK(work.cell != NULL);
    for (size_t i = 0; i < work.count; i++)
        work.cell[i].progress.is_cancelled = &progress.is_cancelled;
    work.start_seconds = progress_seconds();
    progress_start(&progress, cells->is_quiet, describe_cells, &work);
    sweep_pool_run(work.count, cells->threads, &progress.is_cancelled, run_cell, &work);
    *was_cancelled = progress_stop(&progress);

    for (size_t i = 0; i < work.count; i++) {
        if (work.cell[i].message[0] != '\0' && is_good) {
            snprintf(message, message_bytes, "%s", work.cell[i].message);
            is_good = false;
        }
        if (work.cell[i].is_done)
            result_set_append(set, &work.cell[i].result);
    }
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
    cell->is_done = run_scenario(cells->scenario, design, seed, &cell->progress, &cell->result, why, sizeof why);
    if (!cell->is_done)
        snprintf(cell->message, sizeof cell->message, "%.60s: %s", design, why);
    return cell->is_done;
}

static void describe_cells(void *context, char *line, size_t line_bytes)
{
    struct work *work = context;
    double done = 0;
    size_t ended = 0;
    char left[32];

    for (size_t i = 0; i < work->count; i++) {
        double now = (double)atomic_load(&work->cell[i].progress.simulated_ns);
        double end = (double)atomic_load(&work->cell[i].progress.total_ns);
        if (end > 0)
            done += now < end ? now / end : 1;
        ended += end > 0 && now >= end;
    }
    double fraction = done / (double)work->count;
    progress_eta(progress_seconds() - work->start_seconds, fraction, left, sizeof left);
    snprintf(line, line_bytes, "%s: %.0f %%, %zu of %zu runs done, %s left", work->cells->scenario->name,
             100 * fraction, ended, work->count, left);
}
