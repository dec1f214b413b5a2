/* SPDX-License-Identifier: Apache-2.0
 *
 * irqpath report: writes a page of HTML about results, experiments and replays.
 */
#define _GNU_SOURCE
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "base/check.h"
#include "base/file.h"
#include "commands/cli.h"
#include "commands/command.h"
#include "commands/replayed.h"
#include "commands/report_recording.h"
#include "commands/report_trace.h"
#include "report/sources.h"
#include "report/sections.h"
#include "report/values.h"

#define THRESHOLD_PERCENT 1 /* as in compare, unless told otherwise */
#define NUMBERS_MAX 100000  /* in the table of metrics */

#define SLOWEST_DEFAULT 5
#define SLOWEST_MAX 50  /* on a page */
#define STEPS_MAX 20000 /* of a replay on a page */

struct report_options {
    bool wants_trace, allows_lost;
    const char *title, *window, *frequency;
    struct cli_count slowest;
};

/* Prints the page to memory and writes the file. */
static int write_page(const struct cli *cli, const struct report *report)
{
    const struct report_options *given = cli->own;
    char message[512], *text = NULL;
    size_t bytes;
    FILE *out = open_memstream(&text, &bytes);

    CHECK(out != NULL);
    report_print(report, given->title, out);
    CHECK(fclose(out) == 0);
    bool is_good = file_write(cli->output, text, bytes, cli->is_forced, message, sizeof message);
    free(text);
    if (!is_good)
        cli_error(cli, "%s", message);
    return is_good ? EXIT_CODE_OK : EXIT_CODE_IO;
}

static int add_recording(const struct cli *cli, const char *path, size_t slowest, struct report_traces *traces)
{
    const struct report_options *given = cli->own;
    const struct recording_options options = { .window = given->window,
                                               .frequency = given->frequency,
                                               .allows_lost = given->allows_lost };

    if (traces->count == REPORT_TRACES_MAX) {
        cli_error(cli, "%s: a page has room for %d traces and recordings", path, REPORT_TRACES_MAX);
        return EXIT_CODE_USAGE;
    }
    struct report_trace *trace = &traces->rows[traces->count++];
    const char *slash = strrchr(path, '/');
    *trace = (struct report_trace){ .label = slash != NULL ? slash + 1 : path, .path = path, .window = given->window };
    return report_recording_make(cli, path, &options, slowest, trace);
}

/* The traces are empty unless they are wanted. */
static int make_traces(const struct cli *cli, const struct sources *sources, const struct values *values,
                       struct report_traces *traces)
{
    const struct report_options *given = cli->own;
    struct report_trace_choice choice = {
        .window = given->window,
        .slowest = given->slowest.is_given ? given->slowest.value : SLOWEST_DEFAULT,
        .path = sources->set.count == 1 && cli->argument_count == 1 && strcmp(cli->arguments[0], "-") != 0
                    ? cli->arguments[0]
                    : NULL,
    };

    traces->count = 0;
    if (choice.slowest > SLOWEST_MAX) {
        cli_error(cli, "--slowest %zu: a page takes %d; irqpath show --slowest prints them all", choice.slowest,
                  SLOWEST_MAX);
        return EXIT_CODE_USAGE;
    }
    int status = EXIT_CODE_OK;
    if (given->wants_trace)
        status = report_traces_make(cli, values, &choice, traces);
    for (size_t i = 0; i < sources->recording_count && status == EXIT_CODE_OK; i++)
        status = add_recording(cli, sources->recordings[i], choice.slowest, traces);
    if (status != EXIT_CODE_OK || given->wants_trace || sources->recording_count > 0 ||
        (given->window == NULL && !given->slowest.is_given))
        return status;
    cli_error(cli, "--trace-window and --slowest need --trace");
    return EXIT_CODE_USAGE;
}

static int report_values(const struct cli *cli, const struct sources *sources, const struct compare_groups *groups,
                         const struct values *values)
{
    struct report_traces traces;
    int status = make_traces(cli, sources, values, &traces);
    if (status == EXIT_CODE_OK)
        status = write_page(cli, &(struct report){ .set = &sources->set,
                                                   .groups = groups,
                                                   .values = values,
                                                   .experiments = sources->experiments,
                                                   .experiment_count = sources->experiment_count,
                                                   .replays = sources->replays,
                                                   .replay_count = sources->replay_count,
                                                   .traces = traces.rows,
                                                   .trace_count = traces.count });
    report_traces_free(&traces);
    return status;
}

/* The table has a column for each cell and at least as many rows as the result with the most metrics. */
static bool is_too_much(const struct cli *cli, const struct result_set *set, const struct compare_groups *groups)
{
    size_t metrics = 0;

    for (size_t i = 0; i < set->count; i++)
        if (set->results[i].metrics.count > metrics)
            metrics = set->results[i].metrics.count;
    if (metrics * groups->count <= NUMBERS_MAX)
        return false;
    cli_error(cli, "%zu metrics of %zu cells are too many for a page, which takes %d numbers: report some of the cells",
              metrics, groups->count, NUMBERS_MAX);
    return true;
}

static int report_inputs(const struct cli *cli, const struct sources *sources)
{
    struct compare_groups groups;
    struct values values;
    int status = EXIT_CODE_USAGE;

    compare_groups_make(&groups, &sources->set);
    if (!is_too_much(cli, &sources->set, &groups)) {
        values_make(&values, &groups, THRESHOLD_PERCENT);
        status = report_values(cli, sources, &groups, &values);
        values_free(&values);
    }
    compare_groups_free(&groups);
    return status;
}

/* Takes the steps of the replays. */
static int play(const struct cli *cli, struct sources *sources)
{
    for (size_t i = 0; i < sources->replay_count; i++) {
        struct report_replay *replay = &sources->replays[i];
        if (replay->replay.trace_count > STEPS_MAX) {
            cli_error(cli, "%s: a replay of %zu steps is too long for a page, which takes %d: irqpath replay --brief",
                      replay->path, replay->replay.trace_count, STEPS_MAX);
            return EXIT_CODE_USAGE;
        }
        int status = replayed_json(cli, replay->path, &replay->replay, &replay->json);
        if (status != EXIT_CODE_OK)
            return status;
    }
    return EXIT_CODE_OK;
}

static int command_report_main(const struct cli *cli)
{
    struct sources sources;
    char message[1024];
    int status = EXIT_CODE_OK;

    if (cli->output == NULL) {
        cli_error(cli, "-o FILE.html is needed");
        return EXIT_CODE_USAGE;
    }
    if (!file_can_write(cli->output, cli->is_forced, message, sizeof message)) {
        cli_error(cli, "%s", message);
        return EXIT_CODE_IO;
    }
    sources_init(&sources);
    for (size_t i = 0; i < cli->argument_count && status == EXIT_CODE_OK; i++) {
        enum sources_status added = sources_add(&sources, cli->arguments[i], message, sizeof message);
        if (added != SOURCES_OK) {
            cli_error(cli, "%s", message);
            status = added == SOURCES_REFUSED ? EXIT_CODE_USAGE : EXIT_CODE_IO;
        }
    }
    if (status == EXIT_CODE_OK)
        status = play(cli, &sources);
    if (status == EXIT_CODE_OK)
        status = report_inputs(cli, &sources);
    sources_free(&sources);
    return status;
}

static const struct cli_option options[] = {
    { "title", 0, CLI_TEXT, offsetof(struct report_options, title), "TEXT", NULL,
      "the title of the page (default: the name of the experiment or scenario)" },
    { "trace", 0, CLI_FLAG, offsetof(struct report_options, wants_trace), NULL, NULL,
      "repeat the run of each column's first result (at most 4 columns), and show who took whose time, the slowest "
      "interrupts step by step, and a timeline" },
    { "trace-window", 0, CLI_TEXT, offsetof(struct report_options, window), "FROM,TO", NULL,
      "with --trace or a RECORDING: the timeline's window since the start, as in 10ms,12ms (default: around the "
      "slowest "
      "interrupt or wake-up)" },
    { "slowest", 0, CLI_FEW, offsetof(struct report_options, slowest), "N", NULL,
      "with --trace or a RECORDING: how many of the slowest interrupts or wake-ups (default: 5)" },
    { "cpu-hz", 0, CLI_TEXT, offsetof(struct report_options, frequency), "FREQUENCY", NULL,
      "of a RECORDING: clock frequency of an xentrace file, as in 2.4GHz; files of irqpath contain it" },
    { "allow-lost", 0, CLI_FLAG, offsetof(struct report_options, allows_lost), NULL, NULL,
      "of a RECORDING: take one that has lost events; what they would have told is unknown" },
};

const struct command command_report = {
    .name = "report",
    .arguments = "RESULT|DIR|REPLAY|RECORDING... -o FILE.html",
    .summary = "write a page of HTML about results, to read and to send to others",
    .description =
        "Writes one self-contained file that a browser opens from disk: it makes no request. RESULT is a result file,\n"
        "or \"-\" for standard input; DIR the directory of a sweep or of an experiment; REPLAY what explore -o wrote;\n"
        "RECORDING what `show --attribution` takes: who took whose time on a real machine, in the window if one is "
        "given.\n"
        "Results that differ in their seeds alone are one column, and columns are compared as `compare` does.",
    .common = CLI_OUTPUT | CLI_CODE | CLI_FORCE,
    .options = options,
    .option_count = sizeof options / sizeof options[0],
    .own_bytes = sizeof(struct report_options),
    .argument_minimum = 1,
    .argument_maximum = 100000,
    .run = command_report_main,
};
