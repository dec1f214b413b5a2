/* SPDX-License-Identifier: Apache-2.0
 *
 * irqpath trace: exports traces to the formats of other tools and imports recordings.
 */
#define _GNU_SOURCE
#include <stdio.h>
#include <string.h>
#include <unistd.h>

#include "base/option.h"
#include "commands/cli.h"
#include "commands/command.h"
#include "commands/trace_output.h"
#include "commands/watched_run.h"
#include "formats/recordings.h"
#include "trace/recording.h"

struct trace_options {
    bool is_forced, is_fitted, allows_lost;
    const char *frequency, *profile;
};

static int export(const struct cli *cli, const char *path)
{
    const struct trace_options *given = cli->own;
    struct scenario scenario;
    struct trace_file file;
    struct result again;

    if (cli->output == NULL) {
        cli_error(cli, "-o FILE is missing: .xentrace, .dat or .pftrace");
        return EXIT_CODE_USAGE;
    }
    int code = trace_output_open(&file, cli, cli->output, given->is_forced);
    if (code != EXIT_CODE_OK)
        return code;
    code = watched_rerun(cli, path, &file.recorder->sink, file.choice.limit, &scenario, &again);
    int closed = trace_output_close(&file, cli, cli->output, code == EXIT_CODE_OK);
    if (code != EXIT_CODE_OK)
        return code;
    scenario_free(&scenario);
    result_free(&again);
    return closed;
}

/* --- import --- */

static bool read_choice(const struct cli *cli, struct recording_choice *choice, char *message, size_t message_bytes)
{
    const struct trace_options *given = cli->own;
    const struct cli_trace *trace = &cli->trace;
    struct trace_choice window = { 0 };
    struct option_problem problem;

    if (trace->cpus || trace->guest || trace->classes || trace->trigger || trace->memory || trace->keep.is_given) {
        snprintf(message, message_bytes, "of the --trace-* options, only --trace-window can be used with import");
        return false;
    }
    if (trace->window != NULL && !trace_window_parse(trace->window, &window, message, message_bytes))
        return false;
    *choice = (struct recording_choice){ .from_ns = window.from_ns,
                                         .until_ns = window.until_ns,
                                         .allows_lost = given->allows_lost };
    if (given->frequency == NULL ||
        option_parse_number(OPTION_FREQUENCY, given->frequency, &choice->frequency_hz, &problem))
        return true;
    snprintf(message, message_bytes, "--cpu-hz: %.300s%.100s", problem.message, problem.suggestion);
    return false;
}

static const char *base_name(const char *path)
{
    const char *slash = strrchr(path, '/');

    return slash != NULL ? slash + 1 : path;
}

static int import(const struct cli *cli, const char *path)
{
    const struct trace_options *given = cli->own;
    struct import_choice writing = { base_name(path), given->profile != NULL ? given->profile : "westmere-ex-8s",
                                     given->is_fitted, given->is_forced };
    struct recording_choice choice;
    struct recording recording;
    char message[512];

    if (cli->output == NULL || !strcmp(cli->output, "-")) {
        cli_error(cli,
                  "-o SCENARIO is missing: the file to write; files of interrupt times are written to its directory");
        return EXIT_CODE_USAGE;
    }
    if (!read_choice(cli, &choice, message, sizeof message)) {
        cli_error(cli, "%s", message);
        return EXIT_CODE_USAGE;
    }
    recording_init(&recording);
    bool is_good =
        (recording_is_text(path) ? perf_read : xentrace_read)(path, &choice, &recording, message, sizeof message);
    if (!is_good)
        cli_error(cli, "%s: %s", path, message);
    int code = is_good ? EXIT_CODE_OK : access(path, R_OK) == 0 ? EXIT_CODE_USAGE : EXIT_CODE_IO;
    if (is_good && !import_write(&recording, &writing, cli->output, message, sizeof message)) {
        cli_error(cli, "%s", message);
        code = EXIT_CODE_IO;
    }
    if (code == EXIT_CODE_OK)
        import_report(&recording, stdout, cli_use_colour(cli, 1));
    recording_free(&recording);
    return code;
}

static int command_trace_main(const struct cli *cli)
{
    if (!strcmp(cli->arguments[0], "export"))
        return export(cli, cli->arguments[1]);
    if (!strcmp(cli->arguments[0], "import"))
        return import(cli, cli->arguments[1]);
    cli_error(cli, "unknown action '%.40s': expected export or import", cli->arguments[0]);
    return EXIT_CODE_USAGE;
}

static const struct cli_option options[] = {
    { "force", 0, CLI_FLAG, offsetof(struct trace_options, is_forced), NULL, NULL, "overwrite existing files" },
    { "fit", 0, CLI_FLAG, offsetof(struct trace_options, is_fitted), NULL, NULL,
      "import: fit arrival processes instead of replaying the recorded times" },
    { "cpu-hz", 0, CLI_TEXT, offsetof(struct trace_options, frequency), "FREQUENCY", NULL,
      "import: clock frequency of an xentrace file, as in 2.4GHz; files of irqpath contain it" },
    { "profile", 0, CLI_TEXT, offsetof(struct trace_options, profile), "MACHINE", NULL,
      "import: machine of the scenario, from `irqpath list machines`" },
    { "allow-lost", 0, CLI_FLAG, offsetof(struct trace_options, allows_lost), NULL, NULL,
      "import: read on where the recorder lost events" },
};

const struct command command_trace = {
    .name = "trace",
    .arguments = "export RESULT -o FILE | import FILE -o SCENARIO",
    .summary = "export traces to xenalyze, trace-cmd, KernelShark and Perfetto; import recordings",
    .description =
        "export: writes the trace of a result's run, in the format of FILE's extension: .xentrace (xenalyze), .dat\n"
        "(trace-cmd, KernelShark) or .pftrace (ui.perfetto.dev). A result file contains no trace, so the run is\n"
        "repeated, and its result is checked against the file.\n"
        "import: makes a scenario from a recording: a file of perf record, trace-cmd record or xentrace, or the text\n"
        "of perf script, trace-cmd report or /sys/kernel/tracing/trace, packed or not; - is standard input. As in\n"
        "  perf record -a -k mono -e irq:irq_handler_entry,irq:irq_handler_exit,sched:sched_switch,sched:sched_waking\n"
        "Interrupts are replayed at their recorded times or, with --fit, generated by the closest arrival process.\n"
        "The table shows both, and what was ignored. Each vCPU becomes a guest of its own.",
    .common = CLI_OUTPUT | CLI_TRACE | CLI_CODE,
    .options = options,
    .option_count = sizeof options / sizeof options[0],
    .own_bytes = sizeof(struct trace_options),
    .argument_minimum = 2,
    .argument_maximum = 2,
    .run = command_trace_main,
};
