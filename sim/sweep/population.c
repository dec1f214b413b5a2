/* SPDX-License-Identifier: Apache-2.0
 *
 * Runs the machines of a sample. Rows that are done before those of earlier machines wait in memory.
 */
#define _GNU_SOURCE
#include "sweep/population.h"

#include <errno.h>
#include <fcntl.h>
#include <inttypes.h>
#include <math.h>
#include <pthread.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/file.h>
#include <unistd.h>

#include "base/check.h"
#include "scenario/sample.h"
#include "simulation/watcher.h"
#include "sweep/pool.h"
#include "sweep/population_table.h"

#define MESSAGE_BYTES 512

struct work {
    const struct population *population;
    struct sample_points points;
    struct run_progress *progress; /* [count][cells] */
    size_t cells, first, count;    /* rows from `first` on are to be written */
    FILE *table;
    char **rows; /* [count] that wait for earlier ones */
    size_t written;
    pthread_mutex_t mutex; /* of rows, written, status and message */
    enum sweep_status status;
    char message[MESSAGE_BYTES];
};

static bool fail(struct work *work, enum sweep_status status, const char *message)
{
    CHECK(pthread_mutex_lock(&work->mutex) == 0);
    if (work->status == SWEEP_OK) {
        work->status = status;
        (void)snprintf(work->message, sizeof work->message, "%.*s", MESSAGE_BYTES - 1, message);
    }
    CHECK(pthread_mutex_unlock(&work->mutex) == 0);
    return false;
}

/* Takes over the row, and writes all rows whose turn it is. */
static bool write_row(struct work *work, size_t index, char *row)
{
    bool is_good = true;

    CHECK(pthread_mutex_lock(&work->mutex) == 0);
    work->rows[index] = row;
    while (is_good && work->written < work->count && work->rows[work->written] != NULL) {
        is_good = fputs(work->rows[work->written], work->table) >= 0 && fflush(work->table) == 0;
        free(work->rows[work->written]);
        work->rows[work->written++] = NULL;
    }
    CHECK(pthread_mutex_unlock(&work->mutex) == 0);
    return is_good ? true : fail(work, SWEEP_UNWRITABLE, strerror(errno));
}

/* Runs one cell and appends its metrics to the row. Returns false when the run was cancelled, or after an error. */
static bool run_cell(struct work *work, size_t machine, size_t cell, char *const *texts, struct run_progress *progress,
                     FILE *row)
{
    const struct scenario *base = work->population->scenario;
    char message[MESSAGE_BYTES] = "", reason[MESSAGE_BYTES + 64];
    struct scenario scenario;
    struct result result;
    struct diag diag;

    diag_init(&diag);
    bool is_good = sample_machine_load(&scenario, base, cell, texts, &diag) == SCENARIO_OK;
    if (!is_good) {
        diag_print(&diag, stderr, false);
        snprintf(message, sizeof message, "it is no valid scenario");
    }
    diag_free(&diag);
    if (is_good) {
        is_good = run_scenario(&scenario, base->setup.run.seed + sample_base(base->sample, machine), progress, &result,
                               message, sizeof message);
        scenario_free(&scenario);
    }
    if (!is_good) {
        snprintf(reason, sizeof reason, "machine %zu, cell %zu: %s", machine, cell, message);
        return fail(work, SWEEP_REFUSED, reason);
    }
    /* A crash of the modelled hypervisor is a complete result. */
    bool is_finished = !result.is_partial || result.violation.kind != NULL;
    population_write_metrics(base->sample, &result, row);
    result_free(&result);
    return is_finished;
}

static bool run_machine(void *context, size_t index, size_t worker)
{
    struct work *work = context;
    const struct population *population = work->population;
    const struct scenario_sample *sample = population->scenario->sample;
    size_t machine = population->shard + (work->first + index) * population->shard_count, bytes;
    char **texts = sample_draw(sample, &work->points, machine), *row;
    FILE *stream = open_memstream(&row, &bytes);
    bool is_good = true;

    (void)worker;
    CHECK(stream != NULL);
    population_write_draws(sample, machine, texts, stream);
    for (size_t cell = 0; cell < work->cells && is_good; cell++)
        is_good = run_cell(work, machine, cell, texts, &work->progress[index * work->cells + cell], stream);
    fputc('\n', stream);
    CHECK(fclose(stream) == 0);
    sample_texts_free(sample, texts);
    if (is_good)
        return write_row(work, index, row);
    free(row);
    return false;
}

/* Follows no link, and refuses a table that another process appends to. A file system without locks refuses nothing. */
static FILE *open_to_append(const char *path)
{
    int file = open(path, O_WRONLY | O_CREAT | O_APPEND | O_NOFOLLOW | O_CLOEXEC, 0666);
    FILE *stream = NULL;

    if (file >= 0 && (flock(file, LOCK_EX | LOCK_NB) == 0 || errno != EWOULDBLOCK))
        stream = fdopen(file, "a");
    if (file >= 0 && stream == NULL)
        close(file);
    return stream;
}

/* Opens the table to append to it, with its head and without a torn last line. */
static enum sweep_status open_table(struct work *work, char *message, size_t message_bytes)
{
    const struct population *population = work->population;
    char *path = population_path(population->directory, population->shard, population->shard_count);
    char *head = population_head(population->scenario);
    size_t good_bytes = 0;
    enum sweep_status status = SWEEP_OK;

    if (!population_check(path, head, population->shard, population->shard_count, &work->first, &good_bytes, message,
                          message_bytes)) {
        status = SWEEP_REFUSED;
    } else {
        work->table = open_to_append(path);
        if (work->table == NULL || ftruncate(fileno(work->table), (off_t)good_bytes) != 0 ||
            (good_bytes == 0 && (fputs(head, work->table) < 0 || fflush(work->table) != 0))) {
            snprintf(message, message_bytes, "%s: %s", path, strerror(errno));
            status = SWEEP_UNWRITABLE;
        }
    }
    free(head);
    free(path);
    return status;
}

static void run_all(struct work *work)
{
    const struct population *population = work->population;
    const struct scenario_sample *sample = population->scenario->sample;
    struct watcher *watcher = population->watcher;
    size_t runs = work->count * work->cells;

    work->rows = calloc(work->count + 1, sizeof *work->rows);
    work->progress = calloc(runs + 1, sizeof *work->progress);
    CHECK(work->rows != NULL && work->progress != NULL);
    for (size_t i = 0; i < runs; i++)
        work->progress[i].is_cancelled = &watcher->is_cancelled;
    sample_points_init(&work->points, sample->method, sample->machines, sample->axis_count, sample->seed);
    watcher->begin(watcher, &(struct watched_runs){ population->scenario->name, work->progress, runs });
    sweep_pool_run(work->count, population->threads, &watcher->is_cancelled, run_machine, work);
    watcher->end(watcher);
    sample_points_free(&work->points);
    for (size_t i = 0; i < work->count; i++)
        free(work->rows[i]);
    free(work->rows);
    free(work->progress);
}

enum sweep_status population_run(const struct population *population, struct population_outcome *outcome, char *message,
                                 size_t message_bytes)
{
    struct work work = { .population = population, .cells = scenario_cell_count(population->scenario) };
    size_t machines = population->scenario->sample->machines, shards = population->shard_count;

    CHECK(shards > 0 && population->shard < shards);
    *outcome = (struct population_outcome){ .machines = (machines - population->shard + shards - 1) / shards };
    if (population->shard >= machines)
        outcome->machines = 0;
    enum sweep_status status = open_table(&work, message, message_bytes);
    if (status == SWEEP_OK) {
        CHECK(pthread_mutex_init(&work.mutex, NULL) == 0);
        outcome->found = work.first < outcome->machines ? work.first : outcome->machines;
        work.count = outcome->machines - outcome->found;
        run_all(&work);
        outcome->done = work.written;
        outcome->was_cancelled = atomic_load(&population->watcher->is_cancelled);
        status = work.status;
        if (status != SWEEP_OK)
            snprintf(message, message_bytes, "%s", work.message);
        pthread_mutex_destroy(&work.mutex);
    }
    bool is_synced = work.table == NULL || (fflush(work.table) == 0 && fsync(fileno(work.table)) == 0);
    if (((work.table != NULL && fclose(work.table) != 0) || !is_synced) && status == SWEEP_OK) {
        snprintf(message, message_bytes, "%s: %s", population->directory, strerror(errno));
        status = SWEEP_UNWRITABLE;
    }
    return status;
}
