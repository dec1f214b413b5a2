/* SPDX-License-Identifier: Apache-2.0
 *
 * From the command line to a trace file.
 */
#include "formats/trace_file.h"

#include <inttypes.h>
#include <stdlib.h>
#include <string.h>

#include "base/check.h"
#include "base/option.h"
#include "commands/cli.h"

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
    /* A record waits, and is sorted between two places. */
    *limit = bytes / (3 * sizeof(struct trace_record));
    if (*limit < 1024)
        snprintf(message, message_bytes, "at least 128KiB are needed");
    return *limit >= 1024;
}

static bool parse_choice(struct trace_file *file, const struct cli *cli, char *message, size_t message_bytes)
{
    const struct cli_trace *given = &cli->trace;
    struct trace_choice *choice = &file->choice;

    choice->guest = given->guest;
    choice->cpus = given->cpus != NULL ? file->cpus : NULL;
    choice->keep_ns = given->keep.is_given ? given->keep.value : KEEP_NS_DEFAULT;
    if (given->keep.is_given && given->trigger == NULL) {
        snprintf(message, message_bytes, "--trace-keep has no effect without --trace-trigger");
        return false;
    }
    return (given->window == NULL || trace_window_parse(given->window, choice, message, message_bytes)) &&
           (given->cpus == NULL || trace_cpus_parse(given->cpus, file->cpus, message, message_bytes)) &&
           (given->classes == NULL || trace_classes_parse(given->classes, &choice->classes, message, message_bytes)) &&
           (given->trigger == NULL || trace_trigger_parse(given->trigger, choice, message, message_bytes)) &&
           parse_memory(given->memory, &choice->limit, message, message_bytes);
}

/* The writer of the format that the path's ending names, or NULL. */
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

int trace_file_open(struct trace_file *file, const struct cli *cli, const char *path, bool force)
{
    char message[720];

    *file = (struct trace_file){ .recorder = NULL };
    struct trace_sink *writer = writer_init(file, path);
    if (writer == NULL) {
        cli_error(cli,
                  "%s: the format of a trace is its ending: .xentrace, .dat (trace-cmd, KernelShark), .pftrace "
                  "(Perfetto)",
                  path);
        return EXIT_CODE_USAGE;
    }
    if (!parse_choice(file, cli, message, sizeof message)) {
        cli_error(cli, "%s", message);
        return EXIT_CODE_USAGE;
    }
    if (!output_open(&file->output, path, force, message, sizeof message)) {
        cli_error(cli, "%s", message);
        return EXIT_CODE_IO;
    }
    file->recorder = malloc(sizeof *file->recorder);
    CHECK(file->recorder != NULL);
    trace_recorder_init(file->recorder, &file->choice, writer);
    return EXIT_CODE_OK;
}

static void note(const struct trace_file *file, const struct cli *cli, const char *path, uint64_t bytes)
{
    const struct trace_recorder *recorder = file->recorder;

    if (file->choice.trigger != TRACE_TRIGGER_NONE && !recorder->has_triggered)
        cli_note(cli, "%s: '%s' never came: the trace is empty", path, cli->trace.trigger);
    else
        cli_note(cli, "%s: %" PRIu64 " records, %" PRIu64 " bytes", path, recorder->passed, bytes);
    if (recorder->dropped > 0)
        cli_note(cli, "%s: %" PRIu64 " records dropped for lack of memory (--trace-memory)", path, recorder->dropped);
}

int trace_file_close(struct trace_file *file, const struct cli *cli, bool is_good)
{
    char message[720];
    int code = EXIT_CODE_OK;

    if (!is_good) {
        output_abandon(&file->output);
    } else {
        char *path = strdup(file->output.path);
        uint64_t bytes = file->output.bytes;
        CHECK(path != NULL);
        if (output_commit(&file->output, message, sizeof message)) {
            note(file, cli, path, bytes);
        } else {
            cli_error(cli, "%s", message);
            code = EXIT_CODE_IO;
        }
        free(path);
    }
    xentrace_writer_free(&file->xentrace);
    tracedat_writer_free(&file->tracedat);
    perfetto_writer_free(&file->perfetto);
    trace_recorder_free(file->recorder);
    free(file->recorder);
    return code;
}
