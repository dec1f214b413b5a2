/* SPDX-License-Identifier: Apache-2.0
 *
 * irqpath show: prints result files, and analyses of their traces.
 */
#define _GNU_SOURCE
#include <inttypes.h>
#include <stdio.h>
#include <stdlib.h>

#include "base/check.h"
#include "commands/cli.h"
#include "commands/command.h"
#include "result/cbor.h"
#include "result/histograms.h"
#include "result/report.h"
#include "sweep/sweep.h"
#include "trace/attribution.h"
#include "trace/recorder.h"
#include "trace/slowest.h"
#include "trace/timehist.h"
#include "commands/show_recording.h"
#include "commands/watched_run.h"

struct show_options {
    bool wants_csv, wants_markdown, wants_hash, wants_all, wants_timehist, wants_attribution, wants_histograms,
        allows_lost;
    const char *frequency;
    struct cli_count slowest;
};

static void print_hashes(const struct result_set *set);
static void print_summaries(const struct result_set *set, bool wants_all, bool use_colour);
static int show_trace(const struct cli *cli, bool is_of_recording);

/* Whether the trace of the result is asked for. */
static bool is_analysis(const struct cli *cli)
{
    const struct show_options *given = cli->own;
    return given->wants_timehist || given->wants_attribution || given->slowest.is_given || cli_wants_trace(cli);
}

static int command_show_main(const struct cli *cli)
{
    const struct show_options *given = cli->own;
    struct result_set set;
    char message[512];

    if (cli->wants_json + given->wants_csv + given->wants_markdown + given->wants_hash > 1) {
        cli_error(cli, "only one of --json, --csv, --markdown and --hash can be used");
        return EXIT_CODE_USAGE;
    }
    if (given->wants_histograms &&
        (is_analysis(cli) || cli->wants_json || given->wants_markdown || given->wants_hash || given->wants_all)) {
        cli_error(cli, "--histograms can be used with --csv only; --json contains the histograms");
        return EXIT_CODE_USAGE;
    }
    bool is_of_recording = cli->argument_count == 1 && is_recording(cli->arguments[0]);
    if (is_analysis(cli) || is_of_recording)
        return show_trace(cli, is_of_recording);
    result_set_init(&set);
    for (size_t i = 0; i < cli->argument_count; i++) {
        if (!sweep_read_results(cli->arguments[i], &set, message, sizeof message)) {
            cli_error(cli, "%s", message);
            result_set_free(&set);
            return EXIT_CODE_IO;
        }
    }
    if (given->wants_histograms && given->wants_csv)
        histograms_print_csv(&set, stdout);
    else if (given->wants_histograms)
        histograms_print_text(&set, stdout);
    else if (cli->wants_json)
        json_print_document(result_set_to_json(&set), "run", stdout);
    else if (given->wants_csv)
        result_set_print_csv(&set, stdout);
    else if (given->wants_markdown)
        result_set_print_markdown(&set, stdout);
    else if (given->wants_hash)
        print_hashes(&set);
    else
        print_summaries(&set, given->wants_all, cli_use_colour(cli, 1));
    result_set_free(&set);
    return cli_finish_output(EXIT_CODE_OK);
}

static void print_hashes(const struct result_set *set)
{
    for (size_t i = 0; i < set->count; i++) {
        const struct result *result = &set->results[i];
        char text[RESULT_HASH_TEXT_BYTES];
        struct result_hash hash = result_hash(result);
        result_hash_text(&hash, text);
        printf("%s  %s %s %" PRIu64, text, result->scenario, result->design, result->seed);
        for (size_t axis = 0; axis < result->axis_count; axis++)
            printf(" %s=%s", result->axes[axis].path, result->axes[axis].value);
        putchar('\n');
    }
}

static void print_summaries(const struct result_set *set, bool wants_all, bool use_colour)
{
    if (set->count != 1 && !wants_all) {
        result_set_print_overview(set, stdout, use_colour);
        return;
    }
    for (size_t i = 0; i < set->count; i++) {
        if (i > 0)
            putchar('\n');
        result_print_summary(&set->results[i], stdout, use_colour);
    }
}

/* --- analyses of the trace --- */

/* Limit of the records in memory. */
enum { WAITING_RECORDS = 1 << 21 };

/* Repeats the run to feed the sink, and discards the result. */
static int rerun(const struct cli *cli, struct trace_sink *sink)
{
    struct scenario scenario;
    struct result again;
    int code = watched_rerun(cli, cli->arguments[0], sink, WAITING_RECORDS, &scenario, &again);

    if (code != EXIT_CODE_OK)
        return code;
    scenario_free(&scenario);
    result_free(&again);
    return EXIT_CODE_OK;
}

static int no_runstates(const struct cli *cli)
{
    cli_error(cli,
              "%s: a run of this family has no vCPUs; of its threads a trace tells: `irqpath run SCENARIO --trace "
              "FILE.xentrace`, and this command of FILE.xentrace",
              cli->arguments[0]);
    return EXIT_CODE_USAGE;
}

static int show_timehist(const struct cli *cli)
{
    struct trace_choice choice = { .guest = cli->trace.guest };
    struct trace_recorder *recorder = malloc(sizeof *recorder);
    struct timehist timehist;
    char message[256];

    CHECK(recorder != NULL);
    if (cli->trace.window != NULL && !trace_window_parse(cli->trace.window, &choice, message, sizeof message)) {
        cli_error(cli, "%s", message);
        free(recorder);
        return EXIT_CODE_USAGE;
    }
    choice.classes = TRACE_CLASS_SCHED;
    timehist_init(&timehist);
    trace_recorder_init(recorder, &choice, &timehist.sink);
    int code = rerun(cli, &recorder->sink);
    if (code == EXIT_CODE_OK && !timehist.has_vcpus)
        code = no_runstates(cli);
    if (code == EXIT_CODE_OK && cli->wants_json)
        json_print_document(timehist_json(&timehist, choice.guest), "timehist", stdout);
    else if (code == EXIT_CODE_OK && ((const struct show_options *)cli->own)->wants_csv)
        timehist_print_csv(&timehist, choice.guest, stdout);
    else if (code == EXIT_CODE_OK)
        timehist_print(&timehist, choice.guest, stdout, cli_use_colour(cli, 1));
    trace_recorder_free(recorder);
    free(recorder);
    timehist_free(&timehist);
    return code;
}

static int show_attribution(const struct cli *cli)
{
    struct trace_choice window = { 0 };
    struct attribution attribution;
    char message[256];

    if (cli->trace.window != NULL && !trace_window_parse(cli->trace.window, &window, message, sizeof message)) {
        cli_error(cli, "%s", message);
        return EXIT_CODE_USAGE;
    }
    attribution_init(&attribution);
    attribution.from_ns = window.from_ns;
    attribution.until_ns = window.until_ns;
    int code = rerun(cli, &attribution.sink);
    if (code == EXIT_CODE_OK && !attribution.has_vcpus)
        code = no_runstates(cli);
    if (code == EXIT_CODE_OK && cli->wants_json)
        json_print_document(attribution_json(&attribution), "attribution", stdout);
    else if (code == EXIT_CODE_OK && ((const struct show_options *)cli->own)->wants_csv)
        attribution_print_csv(&attribution, stdout);
    else if (code == EXIT_CODE_OK)
        attribution_print(&attribution, stdout, cli_use_colour(cli, 1));
    attribution_free(&attribution);
    return code;
}

static int show_slowest(const struct cli *cli, size_t wanted)
{
    struct slowest *slowest = malloc(sizeof *slowest);

    CHECK(slowest != NULL);
    slowest_init(slowest, wanted, SLOWEST_HISTORY);
    int code = rerun(cli, &slowest->sink);
    if (code == EXIT_CODE_OK && cli->wants_json)
        json_print_document(slowest_json(slowest), "slowest", stdout);
    else if (code == EXIT_CODE_OK)
        slowest_print(slowest, stdout);
    slowest_free(slowest);
    free(slowest);
    return code;
}

static int show_recording(const struct cli *cli)
{
    const struct show_options *given = cli->own;
    struct recording_options recording = { .window = cli->trace.window,
                                           .guest = cli->trace.guest,
                                           .frequency = given->frequency,
                                           .allows_lost = given->allows_lost,
                                           .wants_csv = given->wants_csv };
    const char *path = cli->arguments[0];

    return given->wants_timehist     ? show_recording_timehist(cli, path, &recording)
           : given->slowest.is_given ? show_recording_slowest(cli, path, &recording, given->slowest.value)
                                     : show_recording_attribution(cli, path, &recording);
}

static int show_trace(const struct cli *cli, bool is_of_recording)
{
    const struct show_options *given = cli->own;
    const struct cli_trace *trace = &cli->trace;

    if (given->wants_timehist + given->wants_attribution + given->slowest.is_given > 1 || given->wants_markdown ||
        given->wants_hash || cli->argument_count > 1 || (given->slowest.is_given && given->wants_csv)) {
        cli_error(cli, "only one of --timehist, --attribution and --slowest can be used, with one RESULT or RECORDING; "
                       "--csv is for the first two");
        return EXIT_CODE_USAGE;
    }
    bool takes_window = given->wants_timehist || given->wants_attribution;
    if (trace->cpus || trace->classes || trace->trigger || trace->memory || trace->keep.is_given ||
        (trace->guest && !given->wants_timehist) || (trace->window && !takes_window && !is_of_recording)) {
        cli_error(cli, "of the --trace-* options, only --trace-window can be used, with --timehist, --attribution and "
                       "recordings, and --trace-guest, with --timehist");
        return EXIT_CODE_USAGE;
    }
    if (is_of_recording)
        return show_recording(cli);
    return given->wants_timehist      ? show_timehist(cli)
           : given->wants_attribution ? show_attribution(cli)
                                      : show_slowest(cli, given->slowest.value);
}

static const struct cli_option options[] = {
    { "timehist", 0, CLI_FLAG, offsetof(struct show_options, wants_timehist), NULL, NULL,
      "print every time slice of every vCPU: time blocked before, delay (steal) before, time run" },
    { "attribution", 0, CLI_FLAG, offsetof(struct show_options, wants_attribution), NULL, NULL,
      "print the guests' steal and lost running time by cause, lock, holder and guest served; of a RECORDING who had "
      "each vCPU's time" },
    { "slowest", 0, CLI_FEW, offsetof(struct show_options, slowest), "N", NULL,
      "print the N slowest interrupts step by step; of a RECORDING that does not follow them the slowest wake-ups" },
    { "cpu-hz", 0, CLI_TEXT, offsetof(struct show_options, frequency), "FREQUENCY", NULL,
      "of a RECORDING: clock frequency of an xentrace file, as in 2.4GHz; files of irqpath contain it" },
    { "allow-lost", 0, CLI_FLAG, offsetof(struct show_options, allows_lost), NULL, NULL,
      "of a RECORDING: take one that has lost events; what they would have told is unknown" },
    { "histograms", 0, CLI_FLAG, offsetof(struct show_options, wants_histograms), NULL, NULL,
      "print the distributions of latencies; with --csv one row per bucket: its limits and count" },
    { "csv", 0, CLI_FLAG, offsetof(struct show_options, wants_csv), NULL, NULL,
      "print one row per metric: scenario,design,seed,metric,value,unit and the axes of a sweep" },
    { "markdown", 0, CLI_FLAG, offsetof(struct show_options, wants_markdown), NULL, NULL,
      "print tables of all metrics" },
    { "hash", 0, CLI_FLAG, offsetof(struct show_options, wants_hash), NULL, NULL,
      "print the fingerprint of each result (128-bit FNV-1a of its encoding)" },
    { "all", 0, CLI_FLAG, offsetof(struct show_options, wants_all), NULL, NULL,
      "print the full summary of each result, even if there are several" },
};

const struct command command_show = {
    .name = "show",
    .arguments = "RESULT... | RECORDING",
    .summary = "print result files as tables, JSON, CSV or Markdown",
    .description =
        "Prints one result as `run` does, and several results as one line each. RESULT is a result file, the\n"
        "directory of a sweep, or \"-\" for standard input.\n"
        "--timehist, --attribution and --slowest repeat the simulation of RESULT and analyse its trace; a result of a\n"
        "code object needs that object (--code). They answer from a RECORDING, too, of a Linux or Xen host: "
        "xentrace's\n"
        "binary format, or the text of `perf script` or `trace-cmd report`. --attribution is the default there.",
    .common = CLI_JSON | CLI_TRACE | CLI_CODE,
    .options = options,
    .option_count = sizeof options / sizeof options[0],
    .own_bytes = sizeof(struct show_options),
    .argument_minimum = 1,
    .argument_maximum = 100000,
    .run = command_show_main,
};
