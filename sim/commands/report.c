/* SPDX-License-Identifier: Apache-2.0
 *
 * irqpath report: writes a page of HTML about results.
 */
#define _GNU_SOURCE
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "base/check.h"
#include "commands/cli.h"
#include "commands/command.h"
#include "report/page.h"
#include "report/sections.h"
#include "report/values.h"
#include "result/file.h"
#include "sweep/sweep.h"

#define THRESHOLD_PERCENT 1

struct report_options {
    bool is_forced;
    const char *title;
};

/* Prints the page to memory and writes the file. */
static int write_page(const struct cli *cli, const struct report *report)
{
    const struct report_options *given = cli->own;
    struct page *page = page_new(given->title != NULL ? given->title : report->set->results[0].scenario);
    char message[512], *text = NULL;
    size_t bytes;
    FILE *out = open_memstream(&text, &bytes);

    CHECK(out != NULL);
    report_print_sections(page, report);
    page_write(page, out);
    CHECK(fclose(out) == 0);
    page_free(page);
    bool is_good = file_write(cli->output, text, bytes, given->is_forced, message, sizeof message);
    free(text);
    if (!is_good)
        cli_error(cli, "%s", message);
    return is_good ? EXIT_CODE_OK : EXIT_CODE_IO;
}

static int command_report_main(const struct cli *cli)
{
    const struct report_options *given = cli->own;
    struct result_set set;
    char message[512];
    int status = EXIT_CODE_OK;

    if (cli->output == NULL) {
        cli_error(cli, "-o FILE.html is needed");
        return EXIT_CODE_USAGE;
    }
    if (!result_file_can_write(cli->output, given->is_forced, message, sizeof message)) {
        cli_error(cli, "%s", message);
        return EXIT_CODE_IO;
    }
    result_set_init(&set);
    for (size_t i = 0; i < cli->argument_count && status == EXIT_CODE_OK; i++)
        if (!sweep_read_results(cli->arguments[i], &set, message, sizeof message)) {
            cli_error(cli, "%s", message);
            status = EXIT_CODE_IO;
        }
    if (status == EXIT_CODE_OK) {
        struct compare_groups groups;
        struct values values;
        compare_groups_make(&groups, &set);
        values_make(&values, &groups, THRESHOLD_PERCENT);
        status = write_page(cli, &(struct report){ .set = &set, .groups = &groups, .values = &values });
        values_free(&values);
        compare_groups_free(&groups);
    }
    result_set_free(&set);
    return status;
}

static const struct cli_option options[] = {
    { "title", 0, CLI_TEXT, offsetof(struct report_options, title), "TEXT", NULL,
      "the title of the page (default: the scenario's name)" },
    { "force", 0, CLI_FLAG, offsetof(struct report_options, is_forced), NULL, NULL, "overwrite the file of -o" },
};

const struct command command_report = {
    .name = "report",
    .arguments = "RESULT... -o FILE.html",
    .summary = "write a page of HTML about results, to read and to send to others",
    .description = "Writes one self-contained file that a browser opens from disk; it makes no request.",
    .common = CLI_OUTPUT,
    .options = options,
    .option_count = sizeof options / sizeof options[0],
    .own_bytes = sizeof(struct report_options),
    .argument_minimum = 1,
    .argument_maximum = 100000,
    .run = command_report_main,
};
