/* SPDX-License-Identifier: Apache-2.0
 *
 * Parses the options into a recorder's filter, and selects the writer by the path's suffix.
 */
#include "formats/trace_file.h"

#include <inttypes.h>
#include <stdlib.h>
#include <string.h>

#include "base/check.h"
#include "base/option.h"

#define MEMORY_BYTES_DEFAULT (UINT64_C(256) << 20)
#define KEEP_NS_DEFAULT 2000000u

static bool has_ending(const char *path, const char *ending)
{
    size_t path_bytes = strlen(path), bytes = strlen(ending);

    return path_bytes > bytes && !strcmp(path + path_bytes - bytes, ending);
}

static bool parse_memory(const char *text, size_t *limit, char *message, size_t message_bytes)
{
    struct option_problem problem;
    uint64_t bytes = MEMORY_BYTES_DEFAULT;

    if (text != NULL && !option_parse_number(OPTION_SIZE, text, &bytes, &problem)) {
        snprintf(message, message_bytes, "%s%s", problem.message, problem.suggestion);
        return false;
    }
    /* Sorting records in the trace buffer takes two more places for each record. */
    *limit = bytes / (3 * sizeof(struct trace_record));
    if (*limit < 1024)
        snprintf(message, message_bytes, "at least 128KiB are needed");
    return *limit >= 1024;
}

static bool parse_choice(struct trace_file *file, const struct trace_file_options *given, char *message,
                         size_t message_bytes)
{
    struct trace_choice *choice = &file->choice;

    choice->guest = given->guest;
    choice->cpus = given->cpus != NULL ? file->cpus : NULL;
    choice->keep_ns = given->has_keep ? given->keep_ns : KEEP_NS_DEFAULT;
    if (given->has_keep && given->trigger == NULL) {
        snprintf(message, message_bytes, "--trace-keep has no effect without --trace-trigger");
        return false;
    }
    return (given->window == NULL || trace_window_parse(given->window, choice, message, message_bytes)) &&
           (given->cpus == NULL || trace_cpus_parse(given->cpus, file->cpus, message, message_bytes)) &&
           (given->classes == NULL || trace_classes_parse(given->classes, &choice->classes, message, message_bytes)) &&
           (given->trigger == NULL || trace_trigger_parse(given->trigger, choice, message, message_bytes)) &&
           parse_memory(given->memory, &choice->limit, message, message_bytes);
}

/* The writer for the path's suffix, or NULL. */
static struct trace_sink *writer_init(struct trace_file *file, const char *path)
{
    if (has_ending(path, ".xentrace")) {
        xentrace_writer_init(&file->xentrace, &file->output);
        return &file->xentrace.sink;
    }
    if (has_ending(path, ".dat")) {
        tracedat_writer_init(&file->tracedat, &file->output);
        return &file->tracedat.sink;
    }
    if (has_ending(path, ".pftrace")) {
        perfetto_writer_init(&file->perfetto, &file->output);
        return &file->perfetto.sink;
    }
    return NULL;
}

enum trace_file_status trace_file_open(struct trace_file *file, const struct trace_file_options *options,
                                       const char *path, char *message, size_t message_bytes)
{
    *file = (struct trace_file){ .recorder = NULL };
    struct trace_sink *writer = writer_init(file, path);
    if (writer == NULL) {
        snprintf(message, message_bytes,
                 "%s: the suffix selects the format of a trace: .xentrace, .dat (trace-cmd, KernelShark), .pftrace "
                 "(Perfetto)",
                 path);
        return TRACE_FILE_REFUSED;
    }
    if (!parse_choice(file, options, message, message_bytes))
        return TRACE_FILE_REFUSED;
    if (!output_open(&file->output, path, options->is_forced, message, message_bytes))
        return TRACE_FILE_UNWRITABLE;
    file->recorder = malloc(sizeof *file->recorder);
    CHECK(file->recorder != NULL);
    trace_recorder_init(file->recorder, &file->choice, writer);
    return TRACE_FILE_OK;
}

static void free_writers(struct trace_file *file)
{
    xentrace_writer_free(&file->xentrace);
    tracedat_writer_free(&file->tracedat);
    perfetto_writer_free(&file->perfetto);
    trace_recorder_free(file->recorder);
    free(file->recorder);
}

/* xentrace files do not say how fast the tsc counts, and xenalyze takes 2.4 GHz unless it is told. */
static void say_how_to_open(const struct trace_file *file, char *text, size_t bytes)
{
    const char *path = file->output.file.path;

    if (has_ending(path, ".xentrace"))
        snprintf(text, bytes, "xenalyze --cpu-hz=%.9gG -s %.180s", (double)file->xentrace.frequency_hz / 1e9, path);
    else if (has_ending(path, ".dat"))
        snprintf(text, bytes, "trace-cmd report -i %.90s, or kernelshark %.90s", path, path);
    else
        snprintf(text, bytes, "https://ui.perfetto.dev, 'Open trace file'");
}

enum trace_file_status trace_file_close(struct trace_file *file, struct trace_file_summary *summary, char *message,
                                        size_t message_bytes)
{
    const struct trace_recorder *recorder = file->recorder;

    *summary = (struct trace_file_summary){
        .was_triggered = file->choice.trigger == TRACE_TRIGGER_NONE || recorder->has_triggered,
        .records = recorder->passed,
        .bytes = file->output.bytes,
        .dropped = recorder->dropped,
    };
    say_how_to_open(file, summary->opening, sizeof summary->opening);
    bool is_good = output_commit(&file->output, message, message_bytes);
    free_writers(file);
    return is_good ? TRACE_FILE_OK : TRACE_FILE_UNWRITABLE;
}

void trace_file_abandon(struct trace_file *file)
{
    output_abandon(&file->output);
    free_writers(file);
}
