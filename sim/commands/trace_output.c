/* SPDX-License-Identifier: Apache-2.0
 *
 * Opens and closes the trace file of a command.
 */
#include "commands/trace_output.h"

#include <inttypes.h>

int trace_output_open(struct trace_file *file, const struct cli *cli, const char *path)
{
    const struct cli_trace *given = &cli->trace;
    struct trace_file_options options = {
        .window = given->window,
        .cpus = given->cpus,
        .guest = given->guest,
        .classes = given->classes,
        .trigger = given->trigger,
        .memory = given->memory,
        .has_keep = given->keep.is_given,
        .keep_ns = given->keep.value,
        .is_forced = cli->is_forced,
    };
    char message[720];

    enum trace_file_status status = trace_file_open(file, &options, path, message, sizeof message);
    if (status != TRACE_FILE_OK)
        cli_error(cli, "%s", message);
    return status == TRACE_FILE_OK ? EXIT_CODE_OK : status == TRACE_FILE_REFUSED ? EXIT_CODE_USAGE : EXIT_CODE_IO;
}

static void note(const struct trace_file_summary *summary, const struct cli *cli, const char *path)
{
    if (!summary->was_triggered)
        cli_note(cli, "%s: '%s' did not occur: the trace is empty", path, cli->trace.trigger);
    else
        cli_note(cli, "%s: %" PRIu64 " records, %" PRIu64 " bytes; open it with %s", path, summary->records,
                 summary->bytes, summary->opening);
    if (summary->dropped > 0)
        cli_note(cli, "%s: %" PRIu64 " records dropped for lack of memory (--trace-memory)", path, summary->dropped);
}

int trace_output_close(struct trace_file *file, const struct cli *cli, const char *path, bool is_good)
{
    struct trace_file_summary summary;
    char message[720];

    if (!is_good) {
        trace_file_abandon(file);
        return EXIT_CODE_OK;
    }
    if (trace_file_close(file, &summary, message, sizeof message) != TRACE_FILE_OK) {
        cli_error(cli, "%s", message);
        return EXIT_CODE_IO;
    }
    note(&summary, cli, path);
    return EXIT_CODE_OK;
}
