/* SPDX-License-Identifier: Apache-2.0
 *
 * Runs the cells of a plan with their trace attributed (trace/attribution.h): who took whose time. Each cell is a CSV
 * file of the parts, with the time of the guest's vCPUs, and of those of all guests of its kind, behind each.
 */
#define _GNU_SOURCE
#include "experiment/attributed.h"

#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "base/check.h"
#include "base/file.h"
#include "experiment/read.h"
#include "sweep/order.h"
#include "sweep/pool.h"
#include "sweep/table.h"
#include "trace/attribution.h"

#define TRACE_RECORDS ((size_t)1 << 22) /* that are buffered for the attribution */

const char *const attributed_axes[] = { "guest", "copy", "loss", "cause", "what", "culprit", "culprit_copy", NULL };
const char *const attributed_numbers[] = { "lost_cycles", "copy_cycles", "kind_cycles", NULL };

struct work {
    const struct perform *perform;
    const struct scenario *scenario;
    const struct sweep_plan *plan;
    const char *directory;
    size_t *cells;
    size_t count;
    struct run_progress *progress;
    atomic_size_t done;
    atomic_bool has_failed;
    char message[480];
};

static char *cell_path(const char *directory, size_t cell)
{
    char *path;

    CHECK(asprintf(&path, "%s/cell-%06zu.csv", directory, cell) > 0);
    return path;
}

/* --- one cell --- */

/* The measured time of all its vCPUs. */
static uint64_t domain_time(const struct attribution *attribution, uint32_t domain)
{
    return (attribution->until - attribution->from) * attribution->world.domains[domain].vcpu_count;
}

/* The time of one guest's vCPUs, and of those of all guests of its kind. */
static void print_times(const struct attribution *attribution, const char *name, size_t bytes, FILE *out)
{
    const struct trace_world *world = &attribution->world;
    uint64_t own = 0, kind = 0;

    for (uint32_t i = 0; i < world->domain_count; i++) {
        if (strlen(world->domains[i].name) != bytes || strncmp(world->domains[i].name, name, bytes) != 0)
            continue;
        own = domain_time(attribution, i);
        for (uint32_t j = 0; j < world->domain_count; j++)
            if (world->domains[j].group == world->domains[i].group)
                kind += domain_time(attribution, j);
    }
    fprintf(out, ",%llu,%llu\n", (unsigned long long)own, (unsigned long long)kind);
}

/* The lines of attribution_print_csv with two more columns. */
static char *parts_text(const struct attribution *attribution, size_t *bytes)
{
    char *parts = NULL, *text = NULL;
    size_t parts_bytes;
    FILE *out = open_memstream(&parts, &parts_bytes);

    CHECK(out != NULL);
    attribution_print_csv(attribution, out);
    CHECK(fclose(out) == 0);
    out = open_memstream(&text, bytes);
    CHECK(out != NULL);
    for (char *rest = parts, *line; (line = strsep(&rest, "\n")) != NULL && line[0] != '\0';) {
        fputs(line, out);
        if (line == parts)
            fputs(",copy_cycles,kind_cycles\n", out);
        else
            print_times(attribution, line, strcspn(line, ","), out);
    }
    CHECK(fclose(out) == 0);
    free(parts);
    return text;
}

static bool fail(struct work *work, const char *message)
{
    if (!atomic_exchange(&work->has_failed, true))
        (void)snprintf(work->message, sizeof work->message, "%.479s", message);
    return false;
}

/* Runs the scenario of a cell, and writes its file unless the run was cancelled. */
static bool run_cell_scenario(struct work *work, size_t index, const struct scenario *scenario)
{
    struct attribution attribution;
    struct result result;
    char message[400] = "";
    bool is_good = false;

    attribution_init(&attribution);
    if (run_scenario_traced(scenario, &attribution.sink, TRACE_RECORDS, &work->progress[index], &result, message,
                            sizeof message)) {
        char *path = cell_path(work->directory, work->cells[index]), *text;
        size_t bytes;

        is_good = !result.is_partial;
        if (is_good && !attribution.has_vcpus) {
            is_good = fail(work, "this model does not trace what its guests do: there is nothing to attribute");
        } else if (is_good) {
            text = parts_text(&attribution, &bytes);
            is_good = file_write(path, text, bytes, true, message, sizeof message) || fail(work, message);
            free(text);
        }
        free(path);
        result_free(&result);
    } else {
        fail(work, message);
    }
    attribution_free(&attribution);
    return is_good;
}

static bool run_cell(void *context, size_t index, size_t worker)
{
    struct work *work = context;
    const struct sweep_cell *cell = &work->plan->cells[work->cells[index]];
    struct scenario *scenario = malloc(sizeof *scenario);
    char seed[40];
    const char *sets[] = { seed };
    struct diag diag;
    bool is_good;

    (void)worker;
    CHECK(scenario != NULL);
    diag_init(&diag);
    (void)snprintf(seed, sizeof seed, "run.seed=%llu", (unsigned long long)cell->seed);
    CHECK(scenario_cell_load_with(scenario, work->scenario, cell->matrix_cell, sets, 1, &diag) == SCENARIO_OK);
    diag_free(&diag);
    is_good = run_cell_scenario(work, index, scenario);
    atomic_fetch_add(&work->done, is_good);
    scenario_free(scenario);
    free(scenario);
    return is_good;
}

/* --- rows --- */

/* "idle" for "idle.3" */
static void label_guest(struct experiment_rows *rows, struct experiment *experiment, struct experiment_row *row,
                        const char *name, const char *kind_axis, const char *copy_axis)
{
    const char *dot = strrchr(name, '.');
    bool is_copy = dot != NULL && dot[1] != '\0' && dot[1 + strspn(dot + 1, "0123456789")] == '\0';
    char kind[128];

    (void)snprintf(kind, sizeof kind, "%.*s", is_copy ? (int)(dot - name) : (int)strlen(name), name);
    rows_label_path(rows, experiment, row, kind_axis, name[0] != '\0' ? kind : "nobody");
    rows_label_path(rows, experiment, row, copy_axis, name[0] != '\0' ? name : "nobody");
}

static void set_number(const struct experiment *experiment, struct experiment_row *row, const char *name,
                       struct quotient value)
{
    size_t quantity = experiment_find_quantity(experiment, name);

    if (quantity != SIZE_MAX)
        row->values[quantity] = value;
}

/* Whether two lines differ in nothing but the pCPU and the time. */
static bool is_same_part(const struct csv *csv, size_t line, size_t other)
{
    static const size_t columns[] = { 0, 1, 2, 3, 5 };

    for (size_t i = 0; i < sizeof columns / sizeof columns[0]; i++)
        if (strcmp(csv_field(csv, line, columns[i]), csv_field(csv, other, columns[i])) != 0)
            return false;
    return true;
}

/* Adds a row for a line and those like it, unless an earlier line was like it. */
static void add_part(struct experiment_rows *rows, const struct work *work, size_t run, const struct sweep_cell *cell,
                     const struct csv *csv, size_t line)
{
    struct experiment *experiment = work->perform->experiment;
    static const size_t columns[] = { 1, 2, 3 };
    struct quotient time = quotient_from(0, 1), number = { 0 };
    char seed[24];

    for (size_t i = 0; i < csv->row_count; i++) {
        if (!is_same_part(csv, i, line))
            continue;
        if (i < line)
            return;
        (void)quotient_read(csv_field(csv, i, 6), &number);
        time = quotient_add(time, number);
    }
    struct experiment_row *row = rows_add(rows, experiment, run);
    rows_label_cell(rows, experiment, row, work->scenario, cell->matrix_cell);
    (void)snprintf(seed, sizeof seed, "%llu", (unsigned long long)cell->seed);
    rows_label(rows, experiment, row, AXIS_SEED, seed);
    label_guest(rows, experiment, row, csv_field(csv, line, 0), "guest", "copy");
    label_guest(rows, experiment, row, csv_field(csv, line, 5), "culprit", "culprit_copy");
    for (size_t i = 0; i < 3; i++)
        rows_label_path(rows, experiment, row, attributed_axes[2 + i], csv_field(csv, line, columns[i]));
    set_number(experiment, row, "lost_cycles", time);
    for (size_t i = 1; i < 3; i++) {
        (void)quotient_read(csv_field(csv, line, 6 + i), &number);
        set_number(experiment, row, attributed_numbers[i], number);
    }
}

static bool add_rows(struct experiment_rows *rows, const struct work *work, size_t run, size_t cell, char *message,
                     size_t message_bytes)
{
    char *path = cell_path(work->directory, cell);
    struct csv csv;
    bool is_good = csv_read(&csv, path, message, message_bytes) && csv.column_count == 9;

    for (size_t line = 0; is_good && line < csv.row_count; line++)
        add_part(rows, work, run, &work->plan->cells[cell], &csv, line);
    csv_free(&csv);
    free(path);
    return is_good;
}

/* --- all cells --- */

static void find_work(struct work *work, size_t *missing)
{
    *missing = 0;
    for (size_t i = 0; i < work->plan->count; i++) {
        char *path = cell_path(work->directory, i);
        bool is_there = access(path, R_OK) == 0;

        free(path);
        *missing += !is_there;
        if (!is_there && i % work->perform->shard_count == work->perform->shard)
            work->cells[work->count++] = i;
    }
}

static bool run_all(struct work *work)
{
    struct watcher *watcher = work->perform->watch(work->perform->context);
    struct sweep_order_job *jobs = calloc(work->count + 1, sizeof *jobs);

    CHECK(jobs != NULL);
    for (size_t i = 0; i < work->count; i++) {
        const struct sweep_cell *cell = &work->plan->cells[work->cells[i]];
        work->progress[i].is_cancelled = &watcher->is_cancelled;
        jobs[i] = (struct sweep_order_job){ cell->work, cell->matrix_cell };
    }
    watcher->begin(watcher, &(struct watched_runs){ work->scenario->name, work->progress, work->count });
    sweep_pool_run_longest_first(jobs, work->count, work->perform->threads, &watcher->is_cancelled, run_cell, work);
    watcher->end(watcher);
    free(jobs);
    return atomic_load(&watcher->is_cancelled);
}

enum perform_status perform_attribution(const struct perform *perform, size_t run, size_t scenario,
                                        const struct sweep_plan *plan, struct experiment_rows *rows, char *message,
                                        size_t message_bytes)
{
    const struct experiment_run *owner = &perform->experiment->runs[run];
    struct work work = {
        .perform = perform, .scenario = &owner->scenarios[scenario], .plan = plan, .directory = owner->cells[scenario]
    };
    enum perform_status status = PERFORM_OK;
    size_t missing;
    char text[200];

    work.cells = calloc(plan->count + 1, sizeof *work.cells);
    work.progress = calloc(plan->count + 1, sizeof *work.progress);
    CHECK(work.cells != NULL && work.progress != NULL);
    find_work(&work, &missing);
    if (run_all(&work))
        status = PERFORM_INTERRUPTED;
    else if (atomic_load(&work.has_failed)) {
        (void)snprintf(message, message_bytes, "%s", work.message);
        status = PERFORM_INVALID;
    } else if (missing > atomic_load(&work.done)) {
        (void)snprintf(message, message_bytes, "%zu of %zu cells are missing", missing - atomic_load(&work.done),
                       plan->count);
        status = PERFORM_PARTIAL;
    }
    (void)snprintf(text, sizeof text, "%.60s: %zu of %zu attributed (%zu now)", owner->name,
                   plan->count - missing + atomic_load(&work.done), plan->count, atomic_load(&work.done));
    perform->note(perform->context, text);
    for (size_t i = 0; i < plan->count && status == PERFORM_OK; i++)
        if (!add_rows(rows, &work, run, i, message, message_bytes))
            status = PERFORM_UNWRITABLE;
    free(work.cells);
    free(work.progress);
    return status;
}
