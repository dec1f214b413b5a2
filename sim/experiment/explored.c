/* SPDX-License-Identifier: Apache-2.0
 *
 * Explores the cells of a run one after the other, each on all cores. The verdict of a cell is a file of its own, and
 * so is the replay of a violation.
 */
#define _GNU_SOURCE
#include <inttypes.h>
#include <jansson.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "base/check.h"
#include "base/file.h"
#include "base/text.h"
#include "code/races.h"
#include "experiment/perform.h"
#include "experiment/read.h"
#include "explore/explore.h"
#include "explore/replay.h"
#include "models/family/family.h"
#include "result/report.h"

#define VERDICT_BYTES_MAX ((size_t)1 << 24)

struct cell {
    const struct perform *perform;
    const struct experiment_run *run;
    const struct scenario *base;
    size_t index;
    char *path, *replay, *steps; /* of the verdict, of the replay, and of the replay as text */
};

static char *cell_path(const char *directory, size_t index, const char *ending)
{
    char *path;

    CHECK(asprintf(&path, "%s/cell-%06zu.%s", directory, index, ending) > 0);
    return path;
}

static json_t *outcome_to_json(const struct explore_outcome *outcome)
{
    static const char *const verdicts[] = { "clean", "violation", "incomplete" };
    bool is_violation = outcome->verdict == EXPLORE_VIOLATION;
    json_t *json = json_object();

    json_object_set_new(json, "verdict", json_string(verdicts[outcome->verdict]));
    json_object_set_new(json, "violation", json_string(is_violation ? violation_name(outcome->violation.kind) : ""));
    json_object_set_new(json, "text", json_string(is_violation ? outcome->violation.text : ""));
    json_object_set_new(json, "states", json_integer((json_int_t)outcome->states));
    json_object_set_new(json, "transitions", json_integer((json_int_t)outcome->transitions));
    json_object_set_new(json, "depth", json_integer((json_int_t)outcome->depth));
    if (outcome->has_bound)
        json_object_set_new(json, "bound", json_integer((json_int_t)outcome->bound));
    return json;
}

static bool keep_replay(const struct cell *cell, const struct scenario *scenario, const struct explore_outcome *outcome,
                        char *message, size_t message_bytes)
{
    struct replay replay = {
        .scenario = scenario_resolved_yaml(scenario),
        .design = (char *)scenario->setup.hypervisor.design,
        .kind = (char *)violation_name(outcome->violation.kind),
        .text = (char *)outcome->violation.text,
        .trace = outcome->trace,
        .trace_count = outcome->trace_count,
    };
    bool is_good = replay_write(&replay, cell->replay, true, message, message_bytes);

    free(replay.scenario);
    return is_good;
}

/* Writes the steps of the violation as `irqpath replay` prints them. */
static bool keep_steps(const struct cell *cell, const struct scenario *scenario, const struct explore_outcome *outcome,
                       char *message, size_t message_bytes)
{
    struct races *races = explore_races_new(scenario, false);
    struct explore_world world;
    char *text = NULL;
    size_t bytes = 0;
    bool is_good = false;

    if (explore_world_open(&world, scenario, scenario->setup.hypervisor.design, races, message, message_bytes)) {
        FILE *out = open_memstream(&text, &bytes);

        CHECK(out != NULL && explore_replay_print(&world, outcome->trace, outcome->trace_count, out));
        CHECK(fclose(out) == 0);
        explore_world_close(&world);
        is_good = file_write(cell->steps, text, bytes, true, message, message_bytes);
        free(text);
    }
    races_free(races);
    return is_good;
}

static enum perform_status keep_outcome(const struct cell *cell, const struct scenario *scenario,
                                        const struct explore_outcome *outcome, char *message, size_t message_bytes)
{
    char *text = NULL;
    size_t bytes = 0;
    FILE *out;

    if (outcome->limit != NULL && strcmp(outcome->limit, EXPLORE_INTERRUPTED) == 0)
        return PERFORM_INTERRUPTED;
    if (outcome->verdict == EXPLORE_VIOLATION && (!keep_replay(cell, scenario, outcome, message, message_bytes) ||
                                                  !keep_steps(cell, scenario, outcome, message, message_bytes)))
        return PERFORM_UNWRITABLE;
    out = open_memstream(&text, &bytes);
    CHECK(out != NULL);
    json_print(outcome_to_json(outcome), out);
    CHECK(fclose(out) == 0);
    bool is_good = file_write(cell->path, text, bytes, true, message, message_bytes);
    free(text);
    return is_good ? PERFORM_OK : PERFORM_UNWRITABLE;
}

static enum perform_status explore_cell(const struct cell *cell, char *message, size_t message_bytes)
{
    struct explore_limits limits = explore_default_limits;
    struct scenario *scenario = malloc(sizeof *scenario);
    struct explore_outcome outcome;
    struct diag diag;
    enum perform_status status = PERFORM_INVALID;

    CHECK(scenario != NULL);
    diag_init(&diag);
    limits.states = cell->run->states;
    limits.preemptions = cell->run->preemptions;
    limits.jobs = (uint32_t)cell->perform->threads;
    limits.is_interrupted = cell->perform->is_interrupted;
    CHECK(scenario_cell_load(scenario, cell->base, cell->index, &diag) == SCENARIO_OK); /* the plan has checked it */
    diag_free(&diag);
    limits.seed = scenario->setup.run.seed;
    struct races *races = explore_races_new(scenario, false);
    if (explore_scenario(scenario, scenario->setup.hypervisor.design, &limits, races, &outcome, message,
                         message_bytes)) {
        status = keep_outcome(cell, scenario, &outcome, message, message_bytes);
        explore_outcome_free(&outcome);
    }
    races_free(races);
    scenario_free(scenario);
    free(scenario);
    return status;
}

/* --- rows --- */

static void add_numbers(const struct experiment *experiment, struct experiment_row *row, json_t *json)
{
    for (size_t i = 0; i < experiment->quantity_count; i++) {
        json_t *number = json_object_get(json, experiment->quantities[i].name);

        if (experiment->quantities[i].formula == NULL && json_is_integer(number))
            row->values[i] = quotient_from(json_integer_value(number), 1);
    }
}

/* The kind of the violation, "clean up to 2 preemptions", or else the verdict. */
static void label_outcome(const struct cell *cell, struct experiment_rows *rows, struct experiment_row *row,
                          json_t *json)
{
    const char *verdict = json_string_value(json_object_get(json, "verdict"));
    const char *violation = json_string_value(json_object_get(json, "violation"));
    json_t *bound = json_object_get(json, "bound");
    char text[80];

    rows_label(rows, cell->perform->experiment, row, AXIS_VERDICT, verdict);
    if (json_is_integer(bound))
        (void)snprintf(text, sizeof text, "clean up to %lld preemptions", (long long)json_integer_value(bound));
    else
        (void)snprintf(text, sizeof text, "%.79s", violation != NULL && violation[0] != '\0' ? violation : verdict);
    rows_label(rows, cell->perform->experiment, row, AXIS_OUTCOME, text);
}

static void add_row(const struct cell *cell, struct experiment_rows *rows, json_t *json)
{
    struct experiment *experiment = cell->perform->experiment;
    struct experiment_row *row = rows_add(rows, experiment, (size_t)(cell->run - experiment->runs));

    rows_label_cell(rows, experiment, row, cell->base, cell->index);
    label_outcome(cell, rows, row, json);
    if (strcmp(row->labels[AXIS_VERDICT], "violation") == 0)
        row->replay = text_copy(cell->steps);
    add_numbers(experiment, row, json);
}

static bool is_verdict(json_t *json)
{
    return json_is_string(json_object_get(json, "verdict")) && json_is_integer(json_object_get(json, "states"));
}

/* The cell's verdict, which the caller frees; NULL with a message when the file has none. */
static json_t *verdict_read(const struct cell *cell, char *message, size_t message_bytes)
{
    json_error_t error;
    size_t count;
    char *bytes = file_read_bytes(cell->path, VERDICT_BYTES_MAX, &count, message, message_bytes);
    json_t *json = bytes != NULL ? json_loadb(bytes, count, JSON_REJECT_DUPLICATES, &error) : NULL;

    if (bytes != NULL && !is_verdict(json)) {
        (void)snprintf(message, message_bytes, "%s: %s", cell->path, json == NULL ? error.text : "it is no verdict");
        json_decref(json);
        json = NULL;
    }
    free(bytes);
    return json;
}

/* Explores a cell unless its verdict is there, and adds its row. */
static enum perform_status finish_cell(const struct cell *cell, bool is_ours, struct experiment_rows *rows,
                                       size_t *done, char *message, size_t message_bytes)
{
    enum perform_status status = PERFORM_OK;
    char why_not[512];
    json_t *json = verdict_read(cell, why_not, sizeof(why_not));

    if (json == NULL && is_ours) {
        cell->perform->watch_signals(cell->perform->context, true);
        status = explore_cell(cell, message, message_bytes);
        cell->perform->watch_signals(cell->perform->context, false);
        *done += status == PERFORM_OK;
        json = status == PERFORM_OK ? verdict_read(cell, message, message_bytes) : NULL;
        if (status == PERFORM_OK && json == NULL)
            status = PERFORM_UNWRITABLE;
    }
    if (json != NULL)
        add_row(cell, rows, json);
    else if (status == PERFORM_OK)
        status = PERFORM_PARTIAL;
    json_decref(json);
    return status;
}

enum perform_status perform_exploration(const struct perform *perform, size_t run, const struct scenario *scenario,
                                        const char *directory, struct experiment_rows *rows, char *message,
                                        size_t message_bytes)
{
    struct cell cell = { .perform = perform, .run = &perform->experiment->runs[run], .base = scenario };
    size_t cells = scenario_cell_count(scenario), missing = 0, done = 0;
    enum perform_status status = PERFORM_OK;
    char text[200];

    for (; cell.index < cells && (status == PERFORM_OK || status == PERFORM_PARTIAL); cell.index++) {
        cell.path = cell_path(directory, cell.index, "json");
        cell.replay = cell_path(directory, cell.index, "replay");
        cell.steps = cell_path(directory, cell.index, "txt");
        status = finish_cell(&cell, cell.index % perform->shard_count == perform->shard, rows, &done, message,
                             message_bytes);
        missing += status == PERFORM_PARTIAL;
        free(cell.path);
        free(cell.replay);
        free(cell.steps);
    }
    (void)snprintf(text, sizeof text, "%.60s, %.60s: %zu of %zu explored (%zu now)", cell.run->name, scenario->name,
                   cells - missing, cells, done);
    if (status == PERFORM_OK || status == PERFORM_PARTIAL)
        perform->note(perform->context, text);
    if (missing > 0 && (status == PERFORM_OK || status == PERFORM_PARTIAL)) {
        (void)snprintf(message, message_bytes, "%zu of %zu cells are missing", missing, cells);
        status = PERFORM_PARTIAL;
    }
    return status;
}
