/* SPDX-License-Identifier: Apache-2.0
 *
 * irqpath run: runs one simulation, prints its summary and checks its expectations.
 */
#define _GNU_SOURCE
#include <stdio.h>
#include <string.h>

#include "commands/cli.h"
#include "base/file.h"
#include "commands/code_output.h"
#include "commands/command.h"
#include "commands/expectations.h"
#include "commands/trace_output.h"
#include "commands/watched_run.h"
#include "report/cases.h"
#include "result/file.h"
#include "result/report.h"
#include "scenario/scenario.h"

struct run_options {
    const char *trace;
    struct code_options code;
};

static int simulate(const struct cli *cli, const struct scenario *scenario, struct result *result);
static int report(const struct cli *cli, const struct scenario *scenario, struct result *result,
                  const struct code_report *code);

static int command_run_main(const struct cli *cli)
{
    const struct run_options *given = cli->own;
    struct scenario scenario;
    struct code_output code;
    struct result result;
    char message[512];

    if (cli->wants_json && cli->output != NULL && strcmp(cli->output, "-") == 0) {
        cli_error(cli, "--json and -o - cannot both write to standard output");
        return EXIT_CODE_USAGE;
    }
    if (given->trace == NULL && cli_wants_trace(cli)) {
        cli_error(cli, "--trace-* have no effect without --trace FILE");
        return EXIT_CODE_USAGE;
    }
    if (!code_output_open(&code, cli, &given->code))
        return EXIT_CODE_USAGE;
    int status = cli_load_scenario(cli, cli->arguments[0], &scenario);
    if (status != EXIT_CODE_OK) {
        (void)code_output_close(&code, false);
        return status;
    }
    if (cli->output != NULL && !file_can_write(cli->output, cli->is_forced, message, sizeof message)) {
        cli_error(cli, "%s", message);
        (void)code_output_close(&code, false);
        scenario_free(&scenario);
        return EXIT_CODE_IO;
    }
    status = code_output_begin(&code, scenario.setup.code) ? simulate(cli, &scenario, &result) : EXIT_CODE_USAGE;
    if (status == EXIT_CODE_OK) {
        struct code_report *code_report = code_output_report(&code, NULL);
        status = report(cli, &scenario, &result, code_report);
        code_report_free(code_report);
        result_free(&result);
    }
    int closed = code_output_close(&code, status == EXIT_CODE_OK);
    status = closed > status ? closed : status;
    scenario_free(&scenario);
    return status;
}

static int simulate(const struct cli *cli, const struct scenario *scenario, struct result *result)
{
    const struct run_options *given = cli->own;
    struct trace_file file;

    if (given->trace == NULL)
        return watched_run(cli, cli->arguments[0], scenario, NULL, 0, result);
    int status = trace_output_open(&file, cli, given->trace);
    if (status != EXIT_CODE_OK)
        return status;
    status = watched_run(cli, cli->arguments[0], scenario, &file.recorder->sink, file.choice.limit, result);
    int closed = trace_output_close(&file, cli, given->trace, status == EXIT_CODE_OK);
    if (status == EXIT_CODE_OK && closed != EXIT_CODE_OK)
        result_free(result);
    return status == EXIT_CODE_OK ? closed : status;
}

/* code NULL: no code object. */
static void print(const struct cli *cli, const struct result *result, const struct code_report *code)
{
    const struct run_options *given = cli->own;

    if (cli->wants_json) {
        json_t *document = result_to_json(result);
        if (code != NULL)
            code_report_to_json(code, document);
        json_print_document(document, "run", stdout);
    } else if (cli->output == NULL || strcmp(cli->output, "-") != 0) {
        result_print_summary(result, stdout, cli_use_colour(cli, 1));
        if (code != NULL)
            code_report_print(code, &(struct code_report_parts){ .coverage = given->code.wants_coverage }, stdout);
    }
}

static int report(const struct cli *cli, const struct scenario *scenario, struct result *result,
                  const struct code_report *code)
{
    struct result_set set = { result, 1, 1 };
    char message[512];

    if (cli->output != NULL && !result_file_write(&set, cli->output, cli->is_forced, message, sizeof message)) {
        cli_error(cli, "%s", message);
        return EXIT_CODE_IO;
    }
    print(cli, result, code);
    if (cli_finish_output(EXIT_CODE_OK) != EXIT_CODE_OK)
        return EXIT_CODE_IO;
    if (result->violation.kind != NULL) {
        char text[600];
        result_violation_text(result, text, sizeof text);
        cli_error(cli, "%s: %s", result->scenario, text);
        if (cli->cases != NULL)
            cases_add(cli->cases, result->scenario, "run", CASE_FAILED, result->wall.seconds, "%s", text);
        return EXIT_CODE_FAILED;
    }
    if (result->is_partial)
        return EXIT_CODE_INTERRUPTED;
    if (cli->cases != NULL)
        cases_add(cli->cases, result->scenario, "run", CASE_PASSED, result->wall.seconds, "%s, no violation",
                  result->design);
    return expectations_check(scenario->expectations, scenario->expectation_count, &result->metrics, NULL, cli->cases,
                              result->scenario);
}

static const struct cli_option options[] = {
    { "trace", 0, CLI_TEXT, offsetof(struct run_options, trace), "FILE", NULL,
      "write a trace for xenalyze (.xentrace), trace-cmd and KernelShark (.dat), Perfetto (.pftrace)" },
    CODE_OUTPUT_OPTIONS(run_options),
};

const struct command command_run = {
    .name = "run",
    .arguments = "SCENARIO",
    .summary = "run one simulation and print its result",
    .description =
        "Simulates the scenario with its design and seed and prints guests, interrupts and locks. -o writes the\n"
        "result to a file for show, compare and plot. Expectations of the scenario and of --expect are checked at\n"
        "the end.\n"
        "--trace also records every runstate, interrupt, softirq, lock and VM exit; the --trace-* options select\n"
        "which of them.\n"
        "Ctrl-C stops the run; the result so far is reported and marked partial (exit code 130). A BUG() or failed\n"
        "ASSERT() of the modelled hypervisor is a violation and also stops the run (exit code 1).",
    .common = CLI_SCENARIO | CLI_JSON | CLI_EXPECT | CLI_OUTPUT | CLI_TRACE | CLI_FORCE | CLI_CASES,
    .options = options,
    .option_count = sizeof options / sizeof options[0],
    .own_bytes = sizeof(struct run_options),
    .argument_minimum = 1,
    .argument_maximum = 1,
    .run = command_run_main,
};
