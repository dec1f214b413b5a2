/* SPDX-License-Identifier: Apache-2.0
 *
 * irqpath show: result files as documents.
 */
#define _GNU_SOURCE
#include <inttypes.h>
#include <stdio.h>

#include "cli.h"
#include "command.h"
#include "result/cbor.h"
#include "result/report.h"
#include "sweep/sweep.h"

struct show_options {
    bool wants_csv, wants_markdown, wants_hash, wants_all;
};

static void print_hashes(const struct result_set *set);
static void print_summaries(const struct result_set *set, bool wants_all, bool use_colour);

static int command_show_main(const struct cli *cli)
{
    const struct show_options *given = cli->own;
    struct result_set set;
    char message[512];

    if (cli->wants_json + given->wants_csv + given->wants_markdown + given->wants_hash > 1) {
        cli_error(cli, "only one of --json, --csv, --markdown and --hash at a time");
        return EXIT_CODE_USAGE;
    }
    result_set_init(&set);
    for (size_t i = 0; i < cli->argument_count; i++) {
        if (!sweep_read_results(cli->arguments[i], &set, message, sizeof message)) {
            cli_error(cli, "%s", message);
            result_set_free(&set);
            return EXIT_CODE_IO;
        }
    }
    if (cli->wants_json)
        json_print(result_set_to_json(&set), stdout);
    else if (given->wants_csv)
        result_set_print_csv(&set, stdout);
    else if (given->wants_markdown)
        result_set_print_markdown(&set, stdout);
    else if (given->wants_hash)
        print_hashes(&set);
    else
        print_summaries(&set, given->wants_all, cli_use_colour(cli, 1));
    result_set_free(&set);
    if (fflush(stdout) != 0 || ferror(stdout)) {
        cli_error(cli, "standard output cannot be written");
        return EXIT_CODE_IO;
    }
    return EXIT_CODE_OK;
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

static const struct cli_option options[] = {
    { "csv", 0, CLI_FLAG, offsetof(struct show_options, wants_csv), NULL, NULL,
      "one row per metric: scenario,design,seed,metric,value,unit and the axes of a sweep" },
    { "markdown", 0, CLI_FLAG, offsetof(struct show_options, wants_markdown), NULL, NULL, "tables of all metrics" },
    { "hash", 0, CLI_FLAG, offsetof(struct show_options, wants_hash), NULL, NULL,
      "the fingerprint of each result (FNV-1a, 128 bits, of its canonical bytes)" },
    { "all", 0, CLI_FLAG, offsetof(struct show_options, wants_all), NULL, NULL,
      "the full summary of each of several results, not one line each" },
};

const struct command command_show = {
    .name = "show",
    .arguments = "RESULT...",
    .summary = "print result files as tables, JSON, CSV or Markdown",
    .description =
        "One result is shown as `run` shows it, several as one line each. RESULT is a file, the directory of a sweep,\n"
        "or \"-\" for standard input.",
    .common = CLI_JSON,
    .options = options,
    .option_count = sizeof options / sizeof options[0],
    .own_bytes = sizeof(struct show_options),
    .argument_minimum = 1,
    .argument_maximum = 100000,
    .run = command_show_main,
};
