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
#include "scenario/scenario.h"
#include "trace/import.h"
#include "trace/rates.h"

enum { TRACE_LIMIT = 1 << 20 }; /* records that wait for the comparison */

struct trace_options {
    bool is_fitted, allows_lost;
    const char *frequency, *profile, *design;
};

static int export(const struct cli *cli, const char *path)
{
    struct scenario scenario;
    struct trace_file file;
    struct result again;

    if (cli->output == NULL) {
        cli_error(cli, "-o FILE is missing: .xentrace, .dat or .pftrace");
        return EXIT_CODE_USAGE;
    }
    int code = trace_output_open(&file, cli, cli->output);
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

    if (trace->cpus || trace->classes || trace->trigger || trace->memory || trace->keep.is_given) {
        snprintf(message, message_bytes,
                 "of the --trace-* options, only --trace-window and --trace-guest can be used with import");
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

/* Runs the scenario that was written, and fills `simulated` with what its trace shows. */
static int simulate(const struct cli *cli, struct workload *simulated)
{
    struct scenario scenario;
    struct result result;
    struct diag diag;

    workload_init(simulated);
    diag_init(&diag);
    enum scenario_status status = scenario_load(&scenario, cli->output, NULL, 0, &diag);
    if (status != SCENARIO_OK)
        diag_print(&diag, stderr, cli_use_colour(cli, 2));
    diag_free(&diag);
    if (status != SCENARIO_OK)
        return cli_scenario_code(status);
    int code = watched_run(cli, cli->output, &scenario, &simulated->sink, TRACE_LIMIT, &result);
    if (code == EXIT_CODE_OK)
        result_free(&result);
    scenario_free(&scenario);
    return code;
}

/* Writes the scenario, runs it, takes the design's own time off the works, and runs it again. */
static int write_and_compare(const struct cli *cli, const struct recorded *recorded, struct workload *workload,
                             struct import_choice *choice, const char *note)
{
    struct workload simulated;
    char message[512];
    int code = EXIT_CODE_OK;

    for (int round = 0; round < 2; round++) {
        if (!import_write(workload, recorded, choice, note, cli->output, message, sizeof message)) {
            cli_error(cli, "%s", message);
            return EXIT_CODE_IO;
        }
        choice->is_forced = true; /* what this command has written itself */
        code = simulate(cli, &simulated);
        if (code != EXIT_CODE_OK || round == 1 || !import_calibrate(workload, &simulated))
            break;
        workload_free(&simulated);
    }
    if (code == EXIT_CODE_OK) {
        printf("%s\n", note);
        import_report(workload, recorded, choice->is_fitted, stdout, cli_use_colour(cli, 1));
        import_compare(workload, &simulated, stdout, cli_use_colour(cli, 1));
    }
    workload_free(&simulated);
    return code;
}

static int import_recorded(const struct cli *cli, const char *path, struct recorded *recorded)
{
    const struct trace_options *given = cli->own;
    struct import_choice choice = { .source = base_name(path),
                                    .profile = given->profile != NULL ? given->profile : "westmere-ex-8s",
                                    .is_fitted = given->is_fitted,
                                    .is_forced = cli->is_forced };
    struct workload workload;
    char message[512], note[IMPORT_NOTE_BYTES];
    int code = EXIT_CODE_USAGE;

    if (recorded->rate_count > 0) {
        rates_report(recorded, stdout, cli_use_colour(cli, 1));
        cli_error(cli,
                  "%s: these counts say how often lines interrupt, and where, not what they wake: a scenario takes a "
                  "recording of events, as `irqpath help trace` has it",
                  path);
        return EXIT_CODE_USAGE;
    }
    workload_init(&workload);
    workload.is_linux = recorded->host == RECORDED_HOST_LINUX;
    workload.only = cli->trace.guest;
    bool is_played = recorded_play(recorded, 0, CYCLES_NEVER, &workload.sink, message, sizeof message);
    if (is_played && (choice.design = import_design(recorded, &workload, given->design, note)) == NULL)
        cli_error(cli, "%s", note);
    else if (!is_played || !import_prepare(&workload, choice.design, message, sizeof message))
        cli_error(cli, "%s: %s", path, message);
    else
        code = write_and_compare(cli, recorded, &workload, &choice, note);
    workload_free(&workload);
    return code;
}

static int import(const struct cli *cli, const char *path)
{
    struct recording_choice choice;
    struct recorded recorded;
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
    recorded_init(&recorded);
    bool is_good = recorded_read(path, &choice, &recorded, message, sizeof message);
    if (!is_good)
        cli_error(cli, "%s: %s", path, message);
    int code = is_good                  ? import_recorded(cli, path, &recorded)
               : recorded.is_unreadable ? EXIT_CODE_IO
                                        : EXIT_CODE_USAGE;
    recorded_free(&recorded);
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
    { "fit", 0, CLI_FLAG, offsetof(struct trace_options, is_fitted), NULL, NULL,
      "import: fit arrival processes and distributions of work instead of replaying what was recorded" },
    { "cpu-hz", 0, CLI_TEXT, offsetof(struct trace_options, frequency), "FREQUENCY", NULL,
      "import: clock frequency of an xentrace file, as in 2.4GHz; files of irqpath contain it" },
    { "design", 0, CLI_TEXT, offsetof(struct trace_options, design), "DESIGN", NULL,
      "import: design of the scenario, from `irqpath list designs`; default: the recording's, or one for its host" },
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
        "A guest's vCPUs become a guest: two where some compute and others halt, or some float and others stay, and\n"
        "one for each vCPU where the design's devices do not choose one. Without vCPUs, each thread that interrupts\n"
        "wake is one. --trace-guest takes the vCPUs of one guest, or the threads of one name. Interrupts are replayed\n"
        "at their recorded times, each with the work that followed it, or, with --fit, drawn from the nearest\n"
        "distributions; what others take from waiting vCPUs is replayed, too. The scenario is then run: the last\n"
        "table has what was recorded beside it.",
    .common = CLI_OUTPUT | CLI_TRACE | CLI_CODE | CLI_FORCE,
    .options = options,
    .option_count = sizeof options / sizeof options[0],
    .own_bytes = sizeof(struct trace_options),
    .argument_minimum = 2,
    .argument_maximum = 2,
    .run = command_trace_main,
};
