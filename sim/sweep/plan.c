/* SPDX-License-Identifier: Apache-2.0
 *
 * Makes, writes and reads plans. Plans are compared as bytes, so they have sorted keys and neither dates nor host
 * names.
 */
#define _GNU_SOURCE
#include "sweep/plan.h"

#include <errno.h>
#include <inttypes.h>
#include <jansson.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "base/check.h"
#include "base/control.h"
#include "base/diag.h"
#include "base/file.h"
#include "base/program.h"
#include "base/text.h"
#include "result/file.h"
#include "result/report.h"
#include "scenario/scenario.h"
#include "sweep/work.h"

#define PLAN_FILE "sweep.json"
#define PLAN_VERSION 1
#define PLAN_BYTES_MAX ((size_t)1 << 30)

char *sweep_path(const char *directory, const char *file)
{
    char *path;
    CHECK(asprintf(&path, "%s/%s", directory, file) > 0);
    return path;
}

static void add_axis(struct sweep_cell *cell, const char *path, const char *value)
{
    cell->axes = realloc(cell->axes, (cell->axis_count + 1) * sizeof *cell->axes);
    CHECK(cell->axes != NULL);
    size_t at = cell->axis_count++;
    /* NOLINTNEXTLINE(clang-analyzer-core.CallAndMessage): all elements below axis_count are set */
    for (; at > 0 && strcmp(cell->axes[at - 1].path, path) > 0; at--)
        cell->axes[at] = cell->axes[at - 1];
    cell->axes[at] = (struct result_axis){ text_copy(path), text_copy(value) };
}

static void hash_text(const char *text, char hash_text[RESULT_HASH_TEXT_BYTES])
{
    struct result_hash hash = result_hash_bytes(text, strlen(text));
    result_hash_text(&hash, hash_text);
}

static void hash_resolved(const struct scenario *scenario, uint64_t seed, char text[RESULT_HASH_TEXT_BYTES])
{
    struct scenario *run = scenario_with_seed(scenario, seed);
    char *resolved = scenario_resolved_yaml(run);
    hash_text(resolved, text);
    free(resolved);
    free(run);
}

/* Adds the cells of one matrix cell, one for each seed. */
static void add_cells(struct sweep_plan *plan, const struct scenario *base, size_t matrix_cell,
                      const struct scenario *scenario, size_t seed_count)
{
    size_t *indices = calloc(base->axis_count + 1, sizeof *indices);
    double work = sweep_work(scenario);

    CHECK(indices != NULL);
    scenario_cell_indices(base, matrix_cell, indices);
    for (size_t i = 0; i < seed_count; i++) {
        struct sweep_cell *cell = &plan->cells[plan->count];
        *cell = (struct sweep_cell){ .matrix_cell = matrix_cell, .seed = scenario->setup.run.seed + i };
        snprintf(cell->file, sizeof cell->file, "cell-%06zu.cbor", plan->count++);
        cell->design = result_design_name(scenario->setup.hypervisor.design, scenario->setup.code);
        if (scenario->setup.code != NULL)
            strcpy(cell->code, scenario->setup.code->hash);
        for (size_t axis = 0; axis < base->axis_count; axis++)
            add_axis(cell, base->axes[axis].path, base->axes[axis].values[indices[axis]].label);
        hash_resolved(scenario, cell->seed, cell->resolved_hash);
        cell->work = work;
    }
    free(indices);
}

bool sweep_plan_make(struct sweep_plan *plan, const struct scenario *scenario, size_t seed_count, struct diag *diag)
{
    size_t matrix_cells = scenario_cell_count(scenario);
    struct scenario *cell = malloc(sizeof *cell);
    bool is_good = true;

    CHECK(seed_count > 0 && cell != NULL);
    char build[PROGRAM_BUILD_ID_BYTES];
    *plan = (struct sweep_plan){ .scenario = text_copy(scenario->name),
                                 .version = text_copy(IRQPATH_VERSION),
                                 .build = text_copy(program_build_id(build)) };
    plan->cells = calloc(matrix_cells * seed_count, sizeof *plan->cells);
    CHECK(plan->cells != NULL);
    for (size_t i = 0; i < matrix_cells; i++) {
        if (scenario_cell_load(cell, scenario, i, diag) != SCENARIO_OK) {
            is_good = false;
            continue;
        }
        add_cells(plan, scenario, i, cell, seed_count);
        scenario_free(cell);
    }
    free(cell);
    if (!is_good)
        sweep_plan_free(plan);
    return is_good;
}

void sweep_plan_free(struct sweep_plan *plan)
{
    for (size_t i = 0; i < plan->count; i++) {
        struct sweep_cell *cell = &plan->cells[i];
        for (size_t axis = 0; axis < cell->axis_count; axis++) {
            free(cell->axes[axis].path);
            free(cell->axes[axis].value);
        }
        free(cell->axes);
        free(cell->design);
    }
    free(plan->cells);
    free(plan->scenario);
    free(plan->version);
    free(plan->build);
    *plan = (struct sweep_plan){ 0 };
}

static char *plan_to_text(const struct sweep_plan *plan)
{
    json_t *json = json_object(), *cells = json_array();

    for (size_t i = 0; i < plan->count; i++) {
        const struct sweep_cell *cell = &plan->cells[i];
        json_t *entry = json_object(), *axes = json_object();
        char seed[24];
        snprintf(seed, sizeof seed, "%" PRIu64, cell->seed);
        for (size_t axis = 0; axis < cell->axis_count; axis++)
            json_object_set_new(axes, cell->axes[axis].path, json_string(cell->axes[axis].value));
        json_object_set_new(entry, "file", json_string(cell->file));
        json_object_set_new(entry, "design", json_string(cell->design));
        if (cell->code[0] != '\0')
            json_object_set_new(entry, "code", json_string(cell->code));
        json_object_set_new(entry, "seed", json_string(seed));
        json_object_set_new(entry, "axes", axes);
        json_object_set_new(entry, "resolved_hash", json_string(cell->resolved_hash));
        json_array_append_new(cells, entry);
    }
    json_object_set_new(json, "format", json_string("irqpath-sweep"));
    json_object_set_new(json, "version", json_integer(PLAN_VERSION));
    json_object_set_new(json, "tool", json_string(plan->version));
    json_object_set_new(json, "build", json_string(plan->build));
    json_object_set_new(json, "scenario", json_string(plan->scenario));
    json_object_set_new(json, "cells", cells);

    char *text;
    size_t bytes;
    FILE *out = open_memstream(&text, &bytes);
    CHECK(out != NULL);
    json_print(json, out);
    CHECK(fclose(out) == 0);
    return text;
}

/* Explains why another plan stands in the directory. */
static void explain_other(const struct sweep_plan *plan, const char *directory, const char *path, char *message,
                          size_t message_bytes)
{
    struct sweep_plan there;
    char why[256];
    bool is_read = sweep_plan_read(&there, directory, why, sizeof why);
    bool is_same_build =
        !is_read || (strcmp(there.version, plan->version) == 0 && strcmp(there.build, plan->build) == 0);

    if (is_same_build)
        snprintf(message, message_bytes, "%s: plan of another sweep (other scenario, seeds or code object)", path);
    else
        snprintf(message, message_bytes,
                 "%s: plan of another build of irqpath (%s %s; this is %s %s): results of two builds are not mixed",
                 path, there.version, there.build, plan->version, plan->build);
    if (is_read)
        sweep_plan_free(&there);
}

enum there { THERE_NOTHING, THERE_SAME, THERE_OTHER, THERE_UNREADABLE };

static enum there look(const char *path, const char *text, char *message, size_t message_bytes)
{
    size_t count;

    if (access(path, F_OK) != 0)
        return THERE_NOTHING;
    char *there = file_read_bytes(path, PLAN_BYTES_MAX, &count, message, message_bytes);
    bool is_read = there != NULL, is_same = is_read && strcmp(there, text) == 0;
    free(there);
    return !is_read ? THERE_UNREADABLE : is_same ? THERE_SAME : THERE_OTHER;
}

bool sweep_plan_write(const struct sweep_plan *plan, const char *directory, char *message, size_t message_bytes)
{
    char *path = sweep_path(directory, PLAN_FILE), *text = plan_to_text(plan);
    enum there there = look(path, text, message, message_bytes);
    bool is_good = there == THERE_SAME;

    if (there == THERE_NOTHING) {
        is_good = file_write(path, text, strlen(text), false, message, message_bytes);
        if (!is_good && access(path, F_OK) == 0) { /* another shard has written it meanwhile */
            there = look(path, text, message, message_bytes);
            is_good = there == THERE_SAME;
        }
    }
    if (!is_good && there == THERE_OTHER)
        explain_other(plan, directory, path, message, message_bytes);
    free(text);
    free(path);
    return is_good;
}

/* A plan may be anyone's, and its texts go to terminals and pages. */
static bool is_line(const char *text) { return text != NULL && control_find(text, text + strlen(text)) == NULL; }

/* Reads strings of an object. Returns false when one is missing. */
static bool read_cell(struct sweep_cell *cell, json_t *entry)
{
    const char *file = json_string_value(json_object_get(entry, "file"));
    const char *design = json_string_value(json_object_get(entry, "design"));
    const char *seed = json_string_value(json_object_get(entry, "seed"));
    const char *hash = json_string_value(json_object_get(entry, "resolved_hash"));
    json_t *code = json_object_get(entry, "code");
    json_t *axes = json_object_get(entry, "axes"), *value;
    const char *path;
    char *end;

    if (!is_line(file) || !is_line(design) || seed == NULL || hash == NULL || !json_is_object(axes) ||
        strlen(file) >= sizeof cell->file || strchr(file, '/') != NULL || strlen(hash) >= sizeof cell->resolved_hash ||
        (code != NULL && (!json_is_string(code) || json_string_length(code) >= sizeof cell->code)))
        return false;
    json_object_foreach(axes, path, value)
    {
        if (!is_line(path) || !is_line(json_string_value(value)))
            return false;
        add_axis(cell, path, json_string_value(value));
    }
    strcpy(cell->file, file);
    strcpy(cell->resolved_hash, hash);
    if (code != NULL)
        strcpy(cell->code, json_string_value(code));
    cell->design = text_copy(design);
    errno = 0;
    cell->seed = strtoull(seed, &end, 10);
    return errno == 0 && end != seed && *end == '\0';
}

bool sweep_plan_read(struct sweep_plan *plan, const char *directory, char *message, size_t message_bytes)
{
    char *path = sweep_path(directory, PLAN_FILE);
    json_error_t error;
    size_t count;
    char *bytes = file_read_bytes(path, PLAN_BYTES_MAX, &count, message, message_bytes);
    json_t *json = bytes != NULL ? json_loadb(bytes, count, JSON_REJECT_DUPLICATES, &error) : NULL;
    json_t *cells = json_object_get(json, "cells");
    const char *format = json_string_value(json_object_get(json, "format"));
    const char *scenario = json_string_value(json_object_get(json, "scenario"));
    const char *tool = json_string_value(json_object_get(json, "tool"));
    const char *build = json_string_value(json_object_get(json, "build"));
    json_int_t version = json_integer_value(json_object_get(json, "version"));
    bool is_plan = format != NULL && strcmp(format, "irqpath-sweep") == 0 && is_line(scenario) && json_is_array(cells);
    bool is_good = is_plan && version == PLAN_VERSION && is_line(tool);

    free(bytes);
    *plan = (struct sweep_plan){ 0 };
    if (access(path, F_OK) != 0)
        snprintf(message, message_bytes, "%s: this is not the directory of a sweep: it has no " PLAN_FILE, directory);
    else if (bytes != NULL && json == NULL)
        snprintf(message, message_bytes, "%s:%d:%d: %s", path, error.line, error.column, error.text);
    else if (json != NULL && !is_plan)
        snprintf(message, message_bytes, "%s: this is not the plan of a sweep", path);
    else if (json != NULL && version == PLAN_VERSION && !is_good)
        snprintf(message, message_bytes, "%s: this plan does not say which irqpath made it", path);
    else if (json != NULL && !is_good)
        snprintf(message, message_bytes,
                 "%s: a plan of version %" JSON_INTEGER_FORMAT "; this irqpath reads version %d", path, version,
                 PLAN_VERSION);
    if (is_good) {
        plan->scenario = text_copy(scenario);
        plan->version = text_copy(tool);
        plan->build = text_copy(build != NULL ? build : ""); /* older plans name none */
        plan->cells = calloc(json_array_size(cells) + 1, sizeof *plan->cells);
        CHECK(plan->cells != NULL);
        for (size_t i = 0; i < json_array_size(cells) && is_good; i++) {
            is_good = read_cell(&plan->cells[plan->count++], json_array_get(cells, i));
            if (!is_good)
                snprintf(message, message_bytes, "%s: cell %zu is malformed", path, i);
        }
    }
    if (!is_good)
        sweep_plan_free(plan);
    json_decref(json);
    free(path);
    return is_good;
}

static bool is_result_of(const struct result *result, const struct sweep_cell *cell, const char *scenario)
{
    char hash[RESULT_HASH_TEXT_BYTES];

    hash_text(result->resolved, hash);
    if (strcmp(result->scenario, scenario) != 0 || strcmp(result->design, cell->design) != 0 ||
        strcmp(result->code.hash != NULL ? result->code.hash : "", cell->code) != 0 || result->seed != cell->seed ||
        strcmp(hash, cell->resolved_hash) != 0 || result->axis_count != cell->axis_count)
        return false;
    for (size_t i = 0; i < cell->axis_count; i++) {
        const char *value = result_axis_value(result, cell->axes[i].path);
        if (value == NULL || strcmp(value, cell->axes[i].value) != 0)
            return false;
    }
    return true;
}

/* The bytes of a cell's file. The caller frees *bytes. */
static size_t encode_cell(const struct sweep_plan *plan, const struct result_set *set, uint8_t **bytes)
{
    char *tool;

    CHECK(asprintf(&tool, plan->build[0] != '\0' ? "%s build %s" : "%s", plan->version, plan->build) > 0);
    size_t count = result_encode(set, tool, bytes);
    free(tool);
    return count;
}

bool sweep_cell_write(const struct sweep_plan *plan, const struct sweep_cell *cell, const char *directory,
                      struct result *result, char *message, size_t message_bytes)
{
    struct result_set set = { result, 1, 1 };
    char *path = sweep_path(directory, cell->file);
    uint8_t *bytes;
    size_t count = encode_cell(plan, &set, &bytes);
    bool is_good = file_write(path, bytes, count, true, message, message_bytes);

    free(bytes);
    free(path);
    return is_good;
}

/* Whether the file, which has these results, names the plan's build: SWEEP_CELL_DONE, or another state with a message.
 * An encoding is the only one of its results and its maker. */
static enum sweep_cell_state check_build(const struct sweep_plan *plan, const struct result_set *set, const char *path,
                                         char *message, size_t message_bytes)
{
    size_t there_count;
    char *there = file_read_bytes(path, RESULT_FILE_BYTES_MAX, &there_count, message, message_bytes);
    uint8_t *bytes;

    if (there == NULL)
        return SWEEP_CELL_DAMAGED;
    size_t count = encode_cell(plan, set, &bytes);
    bool is_same = there_count == count && memcmp(there, bytes, count) == 0;
    if (!is_same)
        snprintf(message, message_bytes, "%s: this is the result of another build of irqpath than the plan's", path);
    free(bytes);
    free(there);
    return is_same ? SWEEP_CELL_DONE : SWEEP_CELL_FOREIGN;
}

enum sweep_cell_state sweep_cell_check(const struct sweep_plan *plan, const struct sweep_cell *cell,
                                       const char *directory, struct result_set *set, char *message,
                                       size_t message_bytes)
{
    char *path = sweep_path(directory, cell->file);
    struct result_set found;
    enum sweep_cell_state state = SWEEP_CELL_DONE;

    result_set_init(&found);
    if (access(path, F_OK) != 0 && errno == ENOENT) {
        snprintf(message, message_bytes, "%s: the cell has not been run", path);
        state = SWEEP_CELL_ABSENT;
    } else if (!result_file_read(&found, path, message, message_bytes)) {
        state = SWEEP_CELL_DAMAGED;
    } else if (found.count != 1 || !is_result_of(&found.results[0], cell, plan->scenario)) {
        snprintf(message, message_bytes, "%s: this is the result of another scenario", path);
        state = SWEEP_CELL_FOREIGN;
    } else if ((state = check_build(plan, &found, path, message, message_bytes)) != SWEEP_CELL_DONE) {
        /* it has said why */
    } else if (found.results[0].is_partial && found.results[0].violation.kind == NULL) {
        snprintf(message, message_bytes, "%s: the result is partial", path);
        state = SWEEP_CELL_DAMAGED;
    } else if (set != NULL) {
        result_set_append_all(set, &found);
    }
    result_set_free(&found);
    free(path);
    return state;
}
