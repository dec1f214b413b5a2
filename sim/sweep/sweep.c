/* SPDX-License-Identifier: Apache-2.0
 *
 * Runs a shard of a sweep. The files of all its cells are checked first, so that a foreign file is rejected before any
 * cell runs.
 */
#define _GNU_SOURCE
#include "sweep/sweep.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>

#include "base/check.h"
#include "base/temporaries.h"
#include "result/file.h"
#include "scenario/scenario.h"
#include "simulation/watcher.h"
#include "sweep/cell_scenarios.h"
#include "sweep/order.h"
#include "sweep/pool.h"

#define MESSAGE_BYTES 512

struct work {
    const struct sweep *sweep;
    size_t *cells; /* indices in the plan of the cells to run */
    size_t count;
    struct cell_scenarios scenarios;
    struct run_progress *progress; /* [count] */
    atomic_size_t ended;
    atomic_bool has_message; /* set by the first failure, which writes message and status */
    char message[MESSAGE_BYTES];
    enum sweep_status status;
};

static bool find_work(struct work *work, struct sweep_outcome *outcome, char *message, size_t message_bytes);
static void run_pool(struct work *work);

enum sweep_status sweep_run(const struct sweep *sweep, struct sweep_outcome *outcome, char *message,
                            size_t message_bytes)
{
    struct work work = { .sweep = sweep, .status = SWEEP_OK };
    struct watcher *watcher = sweep->watcher;

    *outcome = (struct sweep_outcome){ 0 };
    cell_scenarios_init(&work.scenarios, sweep->scenario);
    if (!find_work(&work, outcome, message, message_bytes)) {
        cell_scenarios_free(&work.scenarios);
        free(work.cells);
        return SWEEP_REFUSED;
    }
    work.progress = calloc(work.count + 1, sizeof *work.progress);
    CHECK(work.progress != NULL);
    for (size_t i = 0; i < work.count; i++)
        work.progress[i].is_cancelled = &watcher->is_cancelled;
    watcher->begin(watcher, &(struct watched_runs){ sweep->scenario->name, work.progress, work.count });
    run_pool(&work);
    watcher->end(watcher);
    outcome->was_cancelled = atomic_load(&watcher->is_cancelled);
    outcome->done = atomic_load(&work.ended);
    if (work.status != SWEEP_OK)
        snprintf(message, message_bytes, "%s", work.message);
    cell_scenarios_free(&work.scenarios);
    free(work.progress);
    free(work.cells);
    return work.status;
}

static bool find_work(struct work *work, struct sweep_outcome *outcome, char *message, size_t message_bytes)
{
    const struct sweep *sweep = work->sweep;

    CHECK(sweep->shard_count > 0 && sweep->shard < sweep->shard_count);
    work->cells = calloc(sweep->plan->count + 1, sizeof *work->cells);
    CHECK(work->cells != NULL);
    temporaries_remove(sweep->directory, NULL);
    for (size_t i = sweep->shard; i < sweep->plan->count; i += sweep->shard_count) {
        const struct sweep_cell *cell = &sweep->plan->cells[i];
        enum sweep_cell_state state =
            sweep_cell_check(sweep->plan, cell, sweep->directory, NULL, message, message_bytes);
        if (state == SWEEP_CELL_FOREIGN)
            return false;
        outcome->cells++;
        outcome->found += state == SWEEP_CELL_DONE;
        outcome->damaged += state == SWEEP_CELL_DAMAGED;
        if (state != SWEEP_CELL_DONE) {
            cell_scenarios_expect(&work->scenarios, cell->matrix_cell);
            work->cells[work->count++] = i;
        }
    }
    return true;
}

static bool fail(struct work *work, enum sweep_status status, const char *file, const char *message)
{
    if (!atomic_exchange(&work->has_message, true)) {
        snprintf(work->message, sizeof work->message, "%s%s%.400s", file, file[0] != '\0' ? ": " : "", message);
        work->status = status;
    }
    return false;
}

static bool write_cell(struct work *work, const struct sweep_cell *cell, struct result *result)
{
    const struct sweep *sweep = work->sweep;
    char message[MESSAGE_BYTES];

    for (size_t i = 0; i < cell->axis_count; i++)
        result_add_axis(result, cell->axes[i].path, cell->axes[i].value);
    return sweep_cell_write(sweep->plan, cell, sweep->directory, result, message, sizeof message) ||
           fail(work, SWEEP_UNWRITABLE, "", message);
}

static bool run_cell(void *context, size_t index, size_t worker)
{
    struct work *work = context;
    const struct sweep_cell *cell = &work->sweep->plan->cells[work->cells[index]];
    struct result result;
    char message[MESSAGE_BYTES] = "";

    (void)worker;
    const struct scenario *scenario = cell_scenarios_take(&work->scenarios, cell->matrix_cell);
    bool is_good = run_scenario(scenario, cell->seed, &work->progress[index], &result, message, sizeof message);
    cell_scenarios_return(&work->scenarios, cell->matrix_cell);
    if (!is_good)
        return fail(work, SWEEP_REFUSED, cell->file, message);
    /* A crash of the modelled hypervisor is a complete result. */
    bool is_unfinished = result.is_partial && result.violation.kind == NULL;
    if (!is_unfinished) {
        is_good = write_cell(work, cell, &result);
        if (is_good)
            atomic_fetch_add(&work->ended, 1);
    }
    result_free(&result);
    return is_good && !is_unfinished;
}

static void run_pool(struct work *work)
{
    struct sweep_order_job *jobs = calloc(work->count + 1, sizeof *jobs);

    CHECK(jobs != NULL);
    for (size_t i = 0; i < work->count; i++) {
        const struct sweep_cell *cell = &work->sweep->plan->cells[work->cells[i]];
        jobs[i] = (struct sweep_order_job){ cell->work, cell->matrix_cell };
    }
    sweep_pool_run_longest_first(jobs, work->count, work->sweep->threads, &work->sweep->watcher->is_cancelled, run_cell,
                                 work);
    free(jobs);
}

enum sweep_status sweep_merge(const char *directory, struct result_set *set, char *message, size_t message_bytes)
{
    struct sweep_plan plan;
    char first[MESSAGE_BYTES - 64] = "", why[MESSAGE_BYTES - 64];
    enum sweep_status status = SWEEP_OK;
    size_t missing = 0;

    if (!sweep_plan_read(&plan, directory, message, message_bytes))
        return SWEEP_INCOMPLETE;
    for (size_t i = 0; i < plan.count && status != SWEEP_REFUSED; i++) {
        enum sweep_cell_state state = sweep_cell_check(&plan, &plan.cells[i], directory, set, why, sizeof why);
        if (state == SWEEP_CELL_DONE)
            continue;
        status = state == SWEEP_CELL_FOREIGN ? SWEEP_REFUSED : SWEEP_INCOMPLETE;
        if (missing++ == 0 || status == SWEEP_REFUSED)
            strcpy(first, why);
    }
    if (status == SWEEP_INCOMPLETE)
        snprintf(message, message_bytes, "%zu of %zu cells are missing; %s", missing, plan.count, first);
    else if (status == SWEEP_REFUSED)
        snprintf(message, message_bytes, "%s", first);
    sweep_plan_free(&plan);
    return status;
}

bool sweep_read_results(const char *path, struct result_set *set, char *message, size_t message_bytes)
{
    struct stat status;
    if (stat(path, &status) == 0 && S_ISDIR(status.st_mode))
        return sweep_merge(path, set, message, message_bytes) == SWEEP_OK;
    return result_file_read(set, path, message, message_bytes);
}
