/* SPDX-License-Identifier: Apache-2.0
 *
 * irqpath trace: to and from the formats that people's tools read.
 */
#define _GNU_SOURCE
#include <string.h>

#include "cli.h"
#include "command.h"
#include "formats/trace_file.h"
#include "watched_run.h"

struct trace_options {
    bool is_forced;
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
    int code = trace_file_open(&file, cli, cli->output, given->is_forced);
    if (code != EXIT_CODE_OK)
        return code;
    code = watched_rerun(cli, path, &file.recorder->sink, file.choice.limit, &scenario, &again);
    int closed = trace_file_close(&file, cli, code == EXIT_CODE_OK);
    if (code != EXIT_CODE_OK)
        return code;
    scenario_free(&scenario);
    result_free(&again);
    return closed;
}

static int command_trace_main(const struct cli *cli)
{
    if (!strcmp(cli->arguments[0], "export"))
        return export(cli, cli->arguments[1]);
    cli_error(cli, "'%.40s' is neither export nor import", cli->arguments[0]);
    return EXIT_CODE_USAGE;
}

static const struct cli_option options[] = {
    { "force", 0, CLI_FLAG, offsetof(struct trace_options, is_forced), NULL, NULL, "overwrite the file of -o" },
};

const struct command command_trace = {
    .name = "trace",
    .arguments = "export RESULT -o FILE | import FILE -o SCENARIO",
    .summary = "write traces for xenalyze, trace-cmd, KernelShark, Perfetto; read recordings",
    .description =
        "export: the trace of a result's run, in the format of FILE's ending: .xentrace (xenalyze), .dat (trace-cmd,\n"
        "KernelShark) or .pftrace (ui.perfetto.dev). A result file holds what its run depends on and no trace: the "
        "run\n"
        "is done again, and checked to come out the same.",
    .common = CLI_OUTPUT | CLI_TRACE,
    .options = options,
    .option_count = sizeof options / sizeof options[0],
    .own_bytes = sizeof(struct trace_options),
    .argument_minimum = 2,
    .argument_maximum = 2,
    .run = command_trace_main,
};
