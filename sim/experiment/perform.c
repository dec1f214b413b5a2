/* SPDX-License-Identifier: Apache-2.0
 *
 * Plans and runs the sweeps and samples of an experiment with sim/sweep.
 */
#define _GNU_SOURCE
#include "experiment/perform.h"

#include <errno.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>

#include "base/check.h"
#include "base/temporaries.h"
#include "base/text.h"
#include "experiment/attributed.h"
#include "experiment/read.h"
#include "result/cbor.h"
#include "result/metric_catalogue.h"
#include "scenario/sample.h"
#include "sweep/population.h"
#include "sweep/population_table.h"
#include "sweep/sweep.h"

#define KEY_DIGITS 10

struct place_of_cells {
    const struct perform *perform;
    size_t run, scenario;
    char *directory;
};

/* Makes one directory unless it is there. False with a message. */
static bool make_one(const char *path, char *message, size_t message_bytes)
{
    struct stat status;

    if (mkdir(path, 0777) != 0 && errno != EEXIST)
        (void)snprintf(message, message_bytes, "%s: %s", path, strerror(errno));
    else if (stat(path, &status) != 0 || !S_ISDIR(status.st_mode))
        (void)snprintf(message, message_bytes, "%s: not a directory", path);
    else
        return true;
    return false;
}

bool perform_make_directory(const char *path, char *message, size_t message_bytes)
{
    char *part = text_copy(path);
    bool is_good = true;

    for (char *slash = strchr(part + (part[0] == '/'), '/'); slash != NULL && is_good; slash = strchr(slash + 1, '/')) {
        *slash = '\0';
        is_good = make_one(part, message, message_bytes);
        *slash = '/';
    }
    free(part);
    return is_good && make_one(path, message, message_bytes);
}

/* --- what decides the cells --- */

static void write_plan(const struct sweep_plan *plan, FILE *out)
{
    for (size_t i = 0; i < plan->count; i++) {
        const struct sweep_cell *cell = &plan->cells[i];

        fprintf(out, "%s %llu %s", cell->design, (unsigned long long)cell->seed, cell->resolved_hash);
        for (size_t j = 0; j < cell->axis_count; j++)
            fprintf(out, " %s=%s", cell->axes[j].path, cell->axes[j].value);
        fputc('\n', out);
    }
}

/* Writes the first digits of a hash of all that decides the cells. */
static void write_key(const struct perform *perform, const struct experiment_run *run, const struct scenario *scenario,
                      const struct sweep_plan *plan, char key[KEY_DIGITS + 1])
{
    char hash_text[RESULT_HASH_TEXT_BYTES], *text = NULL, *resolved = scenario_resolved_yaml(scenario), *head = NULL;
    size_t bytes = 0;
    FILE *out = open_memstream(&text, &bytes);

    CHECK(out != NULL);
    fprintf(out, "%s\n%d %llu %llu\n", perform->program, (int)run->kind, (unsigned long long)run->states,
            (unsigned long long)run->preemptions);
    if (plan != NULL)
        write_plan(plan, out);
    else
        fprintf(out, "%s%zu\n%s", resolved, scenario->sample->machines, head = population_head(scenario));
    CHECK(fclose(out) == 0);
    struct result_hash hash = result_hash_bytes(text, bytes);
    result_hash_text(&hash, hash_text);
    (void)snprintf(key, KEY_DIGITS + 1, "%.*s", KEY_DIGITS, hash_text);
    free(text);
    free(resolved);
    free(head);
}

/* Chooses and makes the directory of a scenario's cells. */
static bool open_directory(const struct perform *perform, struct experiment_run *run, size_t scenario,
                           const struct sweep_plan *plan, char *message, size_t message_bytes)
{
    char key[KEY_DIGITS + 1];
    bool is_one = run->scenario_count == 1;

    write_key(perform, run, &run->scenarios[scenario], plan, key);
    CHECK(asprintf(&run->cells[scenario], "%s/%s%s%s-%s", perform->directory, run->name, is_one ? "" : "-",
                   is_one ? "" : run->scenarios[scenario].name, key) > 0);
    if (!perform_make_directory(run->cells[scenario], message, message_bytes))
        return false;
    temporaries_remove(run->cells[scenario], NULL);
    return true;
}

/* --- sweeps --- */

static enum perform_status status_of(enum sweep_status status, bool was_cancelled)
{
    if (status != SWEEP_OK)
        return status == SWEEP_REFUSED ? PERFORM_INVALID : PERFORM_UNWRITABLE;
    return was_cancelled ? PERFORM_INTERRUPTED : PERFORM_OK;
}

static void say_done(const struct perform *perform, const char *name, size_t now, size_t before, size_t all)
{
    char text[200];

    (void)snprintf(text, sizeof text, "%.100s: %zu of %zu done (%zu now, %zu before)", name, now + before, all, now,
                   before);
    perform->note(perform->context, text);
}

static enum perform_status run_cells(const struct perform *perform, size_t run_index, size_t scenario,
                                     const struct sweep_plan *plan, struct experiment_rows *rows, char *message,
                                     size_t message_bytes)
{
    struct experiment_run *run = &perform->experiment->runs[run_index];
    struct sweep sweep = { .scenario = &run->scenarios[scenario],
                           .plan = plan,
                           .directory = run->cells[scenario],
                           .shard = perform->shard,
                           .shard_count = perform->shard_count,
                           .threads = perform->threads };
    struct sweep_outcome outcome;
    struct result_set set;

    if (!sweep_plan_write(plan, sweep.directory, message, message_bytes))
        return PERFORM_UNWRITABLE;
    sweep.watcher = perform->watch(perform->context);
    enum sweep_status swept = sweep_run(&sweep, &outcome, message, message_bytes);
    enum perform_status status = status_of(swept, outcome.was_cancelled);
    if (status == PERFORM_OK || status == PERFORM_INTERRUPTED)
        say_done(perform, run->name, outcome.done, outcome.found, outcome.cells);
    if (status != PERFORM_OK)
        return status;
    result_set_init(&set);
    if (sweep_merge(sweep.directory, &set, message, message_bytes) == SWEEP_OK)
        rows_add_results(rows, perform->experiment, run_index, &set);
    else /* without other shards nothing but an error is the reason */
        status = perform->shard_count > 1 ? PERFORM_PARTIAL : PERFORM_UNWRITABLE;
    result_set_free(&set);
    return status;
}

static enum perform_status run_scenario_of(const struct perform *perform, size_t run_index, size_t scenario,
                                           struct experiment_rows *rows, struct diag *diag, char *message,
                                           size_t message_bytes)
{
    struct experiment_run *run = &perform->experiment->runs[run_index];
    struct sweep_plan plan;
    enum perform_status status = PERFORM_UNWRITABLE;

    if (!sweep_plan_make(&plan, &run->scenarios[scenario], run->seeds, diag))
        return PERFORM_INVALID;
    if (open_directory(perform, run, scenario, &plan, message, message_bytes))
        status = run->kind == EXPERIMENT_ATTRIBUTED
                     ? perform_attribution(perform, run_index, scenario, &plan, rows, message, message_bytes)
                 : run->kind == EXPERIMENT_EXPLORED
                     ? perform_exploration(perform, run_index, &run->scenarios[scenario], run->cells[scenario], rows,
                                           message, message_bytes)
                     : run_cells(perform, run_index, scenario, &plan, rows, message, message_bytes);
    sweep_plan_free(&plan);
    return status;
}

/* --- samples --- */

/* The metrics that the experiment needs replace those of the scenario. */
static void choose_metrics(const struct experiment *experiment, struct scenario_sample *sample)
{
    for (size_t i = 0; i < sample->metric_count; i++)
        free(sample->metrics[i]);
    sample->metric_count = 0;
    for (size_t i = 0; i < experiment->quantity_count; i++)
        if (experiment->quantities[i].formula == NULL && metric_describe(experiment->quantities[i].name) != NULL)
            *(char **)ARRAY_ADD(sample->metrics, sample->metric_count) = text_copy(experiment->quantities[i].name);
}

static enum perform_status run_sample(const struct perform *perform, size_t run_index, struct experiment_rows *rows,
                                      char *message, size_t message_bytes)
{
    struct experiment_run *run = &perform->experiment->runs[run_index];
    struct scenario *scenario = &run->scenarios[0];
    struct population population = {
        .scenario = scenario, .shard = perform->shard, .shard_count = perform->shard_count, .threads = perform->threads
    };
    struct population_outcome outcome;

    choose_metrics(perform->experiment, scenario->sample);
    if (!open_directory(perform, run, 0, NULL, message, message_bytes))
        return PERFORM_UNWRITABLE;
    population.directory = run->cells[0];
    population.watcher = perform->watch(perform->context);
    enum sweep_status swept = population_run(&population, &outcome, message, message_bytes);
    enum perform_status status = status_of(swept, outcome.was_cancelled);
    if (status == PERFORM_OK || status == PERFORM_INTERRUPTED)
        say_done(perform, run->name, outcome.done, outcome.found, outcome.machines);
    if (status != PERFORM_OK)
        return status;
    char *path = sweep_path(run->cells[0], perform->shard_count > 1 ? "merged.csv" : "table.csv");
    if (perform->shard_count > 1 && !population_merge(run->cells[0], path, true, message, message_bytes))
        status = PERFORM_PARTIAL;
    else if (!rows_add_table(rows, perform->experiment, run_index, path, message, message_bytes))
        status = PERFORM_UNWRITABLE;
    free(path);
    return status;
}

/* --- all --- */

static enum perform_status run_one(const struct perform *perform, size_t run_index, size_t scenario,
                                   struct experiment_rows *rows, struct diag *diag, char *message, size_t message_bytes)
{
    enum experiment_run_kind kind = perform->experiment->runs[run_index].kind;

    if (kind == EXPERIMENT_SAMPLED)
        return run_sample(perform, run_index, rows, message, message_bytes);
    if (kind == EXPERIMENT_MEASURED)
        return perform_measured(perform, run_index, rows, message, message_bytes);
    return run_scenario_of(perform, run_index, scenario, rows, diag, message, message_bytes);
}

enum perform_status perform_experiment(const struct perform *perform, struct experiment_rows *rows, struct diag *diag,
                                       char *message, size_t message_bytes)
{
    struct experiment *experiment = perform->experiment;
    char partial[512] = "";

    for (size_t i = 0; i < experiment->run_count; i++) {
        struct experiment_run *run = &experiment->runs[i];

        run->cells = calloc(run->scenario_count + 1, sizeof *run->cells);
        CHECK(run->cells != NULL);
        if (run->is_skipped) {
            rows_message(rows, "%s: left out, as it takes long", run->name);
            continue;
        }
        size_t parts = run->kind == EXPERIMENT_MEASURED ? 1 : run->scenario_count;
        for (size_t j = 0; j < parts; j++) {
            char why[480] = "";
            enum perform_status status = run_one(perform, i, j, rows, diag, why, sizeof why);

            if (status == PERFORM_PARTIAL && partial[0] == '\0')
                (void)snprintf(partial, sizeof partial, "%.20s: %s", run->name, why);
            if (status != PERFORM_OK && status != PERFORM_PARTIAL) {
                (void)snprintf(message, message_bytes, "%s%s%s", why[0] != '\0' ? run->name : "",
                               why[0] != '\0' ? ": " : "", why);
                return status;
            }
        }
    }
    if (partial[0] != '\0')
        (void)snprintf(message, message_bytes, "%s", partial);
    else
        perform_indices(experiment, rows);
    return partial[0] != '\0' ? PERFORM_PARTIAL : PERFORM_OK;
}
