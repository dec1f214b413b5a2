/* SPDX-License-Identifier: Apache-2.0
 *
 * Runs the cells on a pool of threads. Every cell has a slot for its result, so the results do not depend on the order
 * in which threads finish.
 */
#define _GNU_SOURCE
#include "compare/cells.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "base/check.h"
#include "base/diag.h"
#include "simulation/watcher.h"
#include "scenario/scenario.h"
#include "sweep/order.h"
#include "sweep/pool.h"
#include "sweep/work.h"

#define MESSAGE_BYTES 512

struct cell {
    struct result result; /* empty until the run has returned */
    bool is_done;
    char message[MESSAGE_BYTES]; /* why the run was rejected; "" otherwise */
};

struct work {
    const struct compare_cells *cells;
    struct scenario *variants;     /* [value_count]: the scenario with each value of the axis */
    struct cell *cell;             /* [value_count * seed_count], in order of value, then seed */
    struct run_progress *progress; /* [value_count * seed_count] */
    size_t count;
};

static void run_pool(struct work *work);

static const char *first_error(const struct diag *diag)
{
    for (size_t i = 0; i < diag->message_count; i++)
        if (diag->messages[i].severity == DIAG_ERROR)
            return diag->messages[i].text;
    return "the scenario was rejected";
}

/* "softirq-gated: why", "hypervisor.lock=mcs: why". */
static void refuse(const struct scenario_axis *axis, const struct scenario_value *value, const char *why, char *message,
                   size_t message_bytes)
{
    bool is_design = strcmp(axis->path, "hypervisor.design") == 0;

    (void)snprintf(message, message_bytes, "%.60s%s%.60s: %s", is_design ? "" : axis->path, is_design ? "" : "=",
                   value->label, why);
}

static void free_variants(struct work *work, size_t count)
{
    for (size_t i = 0; i < count; i++)
        scenario_free(&work->variants[i]);
    free(work->variants);
}

static bool load_variants(struct work *work, char *message, size_t message_bytes)
{
    const struct scenario_axis *axis = work->cells->axis;

    work->variants = calloc(axis->value_count, sizeof *work->variants);
    CHECK(work->variants != NULL);
    for (size_t i = 0; i < axis->value_count; i++) {
        const struct scenario_value *value = &axis->values[i];
        struct diag diag;
        diag_init(&diag);
        bool is_good = scenario_reload(&work->variants[i], work->cells->scenario, (const char *const *)value->sets,
                                       value->set_count, &diag) == SCENARIO_OK;
        if (!is_good)
            refuse(axis, value, first_error(&diag), message, message_bytes);
        diag_free(&diag);
        if (!is_good) {
            free_variants(work, i);
            return false;
        }
    }
    return true;
}

/* Moves the results to the set. The first rejected run determines the message. */
static bool gather(struct work *work, struct result_set *set, char *message, size_t message_bytes)
{
    bool is_good = true;

    for (size_t i = 0; i < work->count; i++) {
        if (work->cell[i].message[0] != '\0' && is_good) {
            snprintf(message, message_bytes, "%s", work->cell[i].message);
            is_good = false;
        }
        if (work->cell[i].is_done)
            result_set_append(set, &work->cell[i].result);
    }
    return is_good;
}

bool compare_cells_run(const struct compare_cells *cells, struct result_set *set, bool *was_cancelled, char *message,
                       size_t message_bytes)
{
    struct work work = { .cells = cells, .count = cells->axis->value_count * cells->seed_count };
    struct watcher *watcher = cells->watcher;

    *was_cancelled = false;
    if (!load_variants(&work, message, message_bytes))
        return false;
    work.cell = calloc(work.count, sizeof *work.cell);
    work.progress = calloc(work.count, sizeof *work.progress);
    CHECK(work.cell != NULL && work.progress != NULL);
    for (size_t i = 0; i < work.count; i++)
        work.progress[i].is_cancelled = &watcher->is_cancelled;
    watcher->begin(watcher, &(struct watched_runs){ cells->scenario->name, work.progress, work.count });
    run_pool(&work);
    watcher->end(watcher);
    *was_cancelled = atomic_load(&watcher->is_cancelled);
    bool is_good = gather(&work, set, message, message_bytes);
    free_variants(&work, cells->axis->value_count);
    free(work.progress);
    free(work.cell);
    return is_good;
}

static bool run_cell(void *context, size_t index, size_t worker)
{
    struct work *work = context;
    const struct compare_cells *cells = work->cells;
    size_t value = index / cells->seed_count;
    uint64_t seed = cells->first_seed + index % cells->seed_count;
    struct cell *cell = &work->cell[index];
    char why[MESSAGE_BYTES - 100] = "";

    (void)worker;
    cell->is_done = run_scenario(&work->variants[value], seed, &work->progress[index], &cell->result, why, sizeof why);
    if (!cell->is_done)
        refuse(cells->axis, &cells->axis->values[value], why, cell->message, sizeof cell->message);
    else if (strcmp(cells->axis->path, "hypervisor.design") != 0)
        result_add_axis(&cell->result, cells->axis->path, cells->axis->values[value].label);
    return cell->is_done;
}

static void run_pool(struct work *work)
{
    struct sweep_order_job *jobs = calloc(work->count + 1, sizeof *jobs);

    CHECK(jobs != NULL);
    for (size_t i = 0; i < work->count; i++) {
        size_t value = i / work->cells->seed_count;
        jobs[i] = (struct sweep_order_job){ sweep_work(&work->variants[value]), value };
    }
    sweep_pool_run_longest_first(jobs, work->count, work->cells->threads, &work->cells->watcher->is_cancelled, run_cell,
                                 work);
    free(jobs);
}
