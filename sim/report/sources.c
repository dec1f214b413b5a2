/* SPDX-License-Identifier: Apache-2.0
 *
 * See sources.h.
 */
#define _GNU_SOURCE
#include "report/sources.h"

#include <errno.h>
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>

#include "base/check.h"
#include "base/text.h"
#include "report/kind.h"
#include "result/cbor.h"
#include "result/metric_catalogue.h"
#include "sweep/sweep.h"

/* The file that is being read: its first bytes, and the way to the rest. */
struct opened {
    const char *path;
    FILE *file;
    uint8_t head[KIND_HEAD_BYTES];
    size_t head_bytes;
    uint64_t size; /* 0 if it is no regular file */
};

static enum sources_status add_file(struct sources *sources, const char *path, char *message, size_t message_bytes);
static enum sources_status add_directory(struct sources *sources, const char *path, char *message,
                                         size_t message_bytes);

void sources_init(struct sources *sources)
{
    *sources = (struct sources){ .experiment_count = 0 };
    result_set_init(&sources->set);
}

void sources_free(struct sources *sources)
{
    for (size_t i = 0; i < sources->experiment_count; i++) {
        json_decref(sources->experiments[i].json);
        free(sources->experiments[i].path);
    }
    for (size_t i = 0; i < sources->replay_count; i++) {
        replay_free(&sources->replays[i].replay);
        json_decref(sources->replays[i].json);
        free(sources->replays[i].path);
    }
    for (size_t i = 0; i < sources->recording_count; i++)
        free(sources->recordings[i]);
    free(sources->recordings);
    free(sources->experiments);
    free(sources->replays);
    result_set_free(&sources->set);
}

/* Writes "PATH: TEXT" to the message and returns the status. */
__attribute__((format(printf, 5, 6))) static enum sources_status
fail(char *message, size_t message_bytes, enum sources_status status, const char *path, const char *format, ...)
{
    char text[400];
    va_list arguments;

    va_start(arguments, format);
    vsnprintf(text, sizeof text, format, arguments);
    va_end(arguments);
    snprintf(message, message_bytes, "%s: %s", path, text);
    return status;
}

static enum sources_status fail_size(char *message, size_t message_bytes, const char *path, const char *what,
                                     uint64_t size)
{
    char bytes[METRIC_TEXT_BYTES], most[METRIC_TEXT_BYTES];

    metric_format((double)size, "bytes", bytes);
    metric_format((double)SOURCES_BYTES_MAX, "bytes", most);
    return fail(message, message_bytes, SOURCES_REFUSED, path,
                "%s of %s is too large for a page, which takes %s: report some of the cells, or "
                "irqpath show --csv",
                what, bytes, most);
}

enum sources_status sources_add(struct sources *sources, const char *path, char *message, size_t message_bytes)
{
    struct stat status;

    if (strcmp(path, "-") != 0 && stat(path, &status) == 0 && S_ISDIR(status.st_mode))
        return add_directory(sources, path, message, message_bytes);
    return add_file(sources, path, message, message_bytes);
}

/* --- files --- */

static bool open_file(struct opened *opened, const char *path)
{
    struct stat status;

    *opened = (struct opened){ .path = path, .file = strcmp(path, "-") == 0 ? stdin : fopen(path, "re") };
    if (opened->file == NULL)
        return false;
    if (fstat(fileno(opened->file), &status) == 0 && S_ISREG(status.st_mode))
        opened->size = (uint64_t)status.st_size;
    opened->head_bytes = fread(opened->head, 1, sizeof opened->head, opened->file);
    return !ferror(opened->file);
}

static void close_file(struct opened *opened)
{
    if (opened->file != NULL && opened->file != stdin)
        fclose(opened->file);
}

/* Reads the whole file, at most one byte more than is allowed. NULL after an error. The caller frees the
 * bytes. */
static uint8_t *read_file(struct opened *opened, size_t *count)
{
    size_t capacity = opened->size < SOURCES_BYTES_MAX ? opened->size + 1 : SOURCES_BYTES_MAX + 1;
    uint8_t *bytes = NULL;

    if (opened->size == 0)
        capacity = SOURCES_BYTES_MAX + 1; /* of a pipe; untouched pages cost nothing */
    if (capacity < opened->head_bytes)
        capacity = opened->head_bytes;
    bytes = malloc(capacity + 1);
    CHECK(bytes != NULL);
    memcpy(bytes, opened->head, opened->head_bytes);
    *count = opened->head_bytes + fread(bytes + opened->head_bytes, 1, capacity - opened->head_bytes, opened->file);
    bytes[*count] = '\0';
    if (!ferror(opened->file))
        return bytes;
    free(bytes);
    return NULL;
}

static enum sources_status add_experiment(struct sources *sources, json_t *json, const char *path)
{
    sources->experiments =
        realloc(sources->experiments, (sources->experiment_count + 1) * sizeof *sources->experiments);
    CHECK(sources->experiments != NULL);
    sources->experiments[sources->experiment_count++] =
        (struct report_experiment){ .path = text_copy(path), .json = json_incref(json) };
    return SOURCES_OK;
}

static enum sources_status add_replay(struct sources *sources, const char *path, char *message, size_t message_bytes)
{
    struct replay replay;

    if (!replay_read(&replay, path, message, message_bytes))
        return SOURCES_UNREADABLE;
    sources->replays = realloc(sources->replays, (sources->replay_count + 1) * sizeof *sources->replays);
    CHECK(sources->replays != NULL);
    sources->replays[sources->replay_count++] = (struct report_replay){ .path = text_copy(path), .replay = replay };
    return SOURCES_OK;
}

static enum sources_status add_recording(struct sources *sources, const char *path)
{
    sources->recordings = realloc(sources->recordings, (sources->recording_count + 1) * sizeof *sources->recordings);
    CHECK(sources->recordings != NULL);
    sources->recordings[sources->recording_count++] = text_copy(path);
    return SOURCES_OK;
}

static bool is_experiment(const json_t *json)
{
    const char *schema = json_string_value(json_object_get(json, "schema"));

    return schema != NULL && strcmp(schema, "irqpath-experiment/1") == 0;
}

static enum sources_status add_json(struct sources *sources, const struct opened *opened, const uint8_t *bytes,
                                    size_t count, char *message, size_t message_bytes)
{
    json_error_t error;
    json_t *json = json_loadb((const char *)bytes, count, 0, &error), *first = json;
    enum sources_status status = SOURCES_OK;

    if (json == NULL)
        return fail(message, message_bytes, SOURCES_UNREADABLE, opened->path, "damaged JSON: line %d: %s", error.line,
                    error.text);
    if (json_is_array(json))
        first = json_array_get(json, 0);
    if (is_experiment(json))
        status = add_experiment(sources, json, opened->path);
    else if (json_object_get(json, "irqpath_replay") != NULL)
        status = add_replay(sources, opened->path, message, message_bytes);
    else if (json_object_get(first, "metrics") != NULL || json_object_get(first, "designs") != NULL)
        status = fail(message, message_bytes, SOURCES_REFUSED, opened->path,
                      "this is what --json prints; a report takes the CBOR file that -o writes");
    else if (json_object_get(json, "verdicts") != NULL)
        status =
            fail(message, message_bytes, SOURCES_REFUSED, opened->path,
                 "these are verdicts that explore --json prints; a report takes the replay that explore -o writes");
    else if (json_object_get(json, "cells") != NULL)
        status = fail(message, message_bytes, SOURCES_REFUSED, opened->path,
                      "this is the plan of a sweep: name its directory");
    else
        status = fail(message, message_bytes, SOURCES_REFUSED, opened->path,
                      "JSON, but neither a replay (explore -o) nor an experiment.json");
    json_decref(json);
    return status;
}

static enum sources_status add_opened(struct sources *sources, struct opened *opened, char *message,
                                      size_t message_bytes)
{
    const char *what;
    char why[300], size[METRIC_TEXT_BYTES];
    enum kind kind = kind_of(opened->head, opened->head_bytes, &what);
    size_t count;

    metric_format((double)opened->size, "bytes", size);
    if (kind == KIND_OTHER)
        return fail(message, message_bytes, SOURCES_REFUSED, opened->path, "%s%sthis is %s",
                    opened->size > SOURCES_BYTES_MAX ? size : "", opened->size > SOURCES_BYTES_MAX ? "; " : "", what);
    if (kind == KIND_RECORDING && opened->size > SOURCES_RECORDING_BYTES_MAX)
        return fail(message, message_bytes, SOURCES_REFUSED, opened->path,
                    "%s; this is %s, too large for a page: irqpath show --attribution takes it", size, what);
    if (kind == KIND_RECORDING)
        return add_recording(sources, opened->path);
    if (opened->size > SOURCES_BYTES_MAX)
        return fail_size(message, message_bytes, opened->path, kind == KIND_JSON ? "JSON" : "a result file",
                         opened->size);
    uint8_t *bytes = read_file(opened, &count);
    enum sources_status status = SOURCES_OK;
    if (bytes == NULL)
        status = fail(message, message_bytes, SOURCES_UNREADABLE, opened->path, "%s", strerror(errno));
    else if (count > SOURCES_BYTES_MAX)
        status = fail_size(message, message_bytes, opened->path, "an input", count);
    else if (kind == KIND_JSON)
        status = add_json(sources, opened, bytes, count, message, message_bytes);
    else if (!result_decode(&sources->set, bytes, count, why, sizeof why))
        status = fail(message, message_bytes, SOURCES_UNREADABLE, opened->path, "%s", why);
    free(bytes);
    return status;
}

static enum sources_status add_file(struct sources *sources, const char *path, char *message, size_t message_bytes)
{
    struct opened opened;
    enum sources_status status;

    if (open_file(&opened, path))
        status = add_opened(sources, &opened, message, message_bytes);
    else
        status = fail(message, message_bytes, SOURCES_UNREADABLE, path, "%s", strerror(errno));
    close_file(&opened);
    return status;
}

/* --- directories --- */

/* The size of all files of the sweep's cells. */
static bool sweep_size(const char *directory, uint64_t *size, char *message, size_t message_bytes)
{
    struct sweep_plan plan;
    struct stat status;

    *size = 0;
    if (!sweep_plan_read(&plan, directory, message, message_bytes))
        return false;
    for (size_t i = 0; i < plan.count; i++) {
        char *path = sweep_path(directory, plan.cells[i].file);
        if (stat(path, &status) == 0)
            *size += (uint64_t)status.st_size;
        free(path);
    }
    sweep_plan_free(&plan);
    return true;
}

static enum sources_status add_directory(struct sources *sources, const char *path, char *message, size_t message_bytes)
{
    char *experiment = sweep_path(path, "experiment.json"), *plan = sweep_path(path, "sweep.json");
    enum sources_status status = SOURCES_OK;
    struct stat found;
    uint64_t size;

    if (stat(experiment, &found) == 0)
        status = add_file(sources, experiment, message, message_bytes);
    else if (stat(plan, &found) != 0)
        status = fail(message, message_bytes, SOURCES_REFUSED, path,
                      "a directory with neither an experiment.json (irqpath experiment -o DIR) nor a sweep.json "
                      "(irqpath sweep -o DIR)");
    else if (!sweep_size(path, &size, message, message_bytes))
        status = SOURCES_UNREADABLE;
    else if (size > SOURCES_BYTES_MAX)
        status = fail_size(message, message_bytes, path, "a sweep", size);
    else if (sweep_merge(path, &sources->set, message, message_bytes) != SWEEP_OK)
        status = SOURCES_UNREADABLE;
    free(experiment);
    free(plan);
    return status;
}
