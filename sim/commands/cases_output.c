/* SPDX-License-Identifier: Apache-2.0
 *
 * Writes the cases when the command has ended, so that each way in which it ends leaves a document.
 */
#define _GNU_SOURCE
#include "commands/cases_output.h"

#include <stdbool.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "base/check.h"
#include "base/file.h"
#include "commands/command.h"

struct cases_output {
    struct cases cases; /* the first, so that cli->cases is both */
    bool is_muted;
};

int cases_output_open(struct cli *cli)
{
    char message[512];

    if (cli->junit == NULL && !cli->wants_annotations)
        return EXIT_CODE_OK;
    if (cli->wants_annotations && (cli->wants_json || (cli->output != NULL && strcmp(cli->output, "-") == 0))) {
        cli_error(cli, "--annotations and a document cannot both go to standard output");
        return EXIT_CODE_USAGE;
    }
    if (cli->junit != NULL && !file_can_write(cli->junit, true, message, sizeof message)) {
        cli_error(cli, "%s", message);
        return EXIT_CODE_IO;
    }
    struct cases_output *output = calloc(1, sizeof *output);
    CHECK(output != NULL);
    cli->cases = &output->cases;
    return EXIT_CODE_OK;
}

void cases_output_mute(const struct cli *cli)
{
    if (cli->cases != NULL)
        ((struct cases_output *)cli->cases)->is_muted = true;
}

/* The file that annotations are about: the first argument, if it is one. */
static const char *annotated_file(const struct cli *cli)
{
    const char *ending = cli->argument_count > 0 ? strrchr(cli->arguments[0], '.') : NULL;
    bool is_yaml = ending != NULL && strcmp(ending, ".yaml") == 0;

    return is_yaml && access(cli->arguments[0], F_OK) == 0 ? cli->arguments[0] : NULL;
}

static const char *describe_code(int code)
{
    switch (code) {
    case EXIT_CODE_FAILED:
        return "something has failed";
    case EXIT_CODE_USAGE:
        return "usage or scenario error";
    case EXIT_CODE_IO:
        return "input/output error";
    case EXIT_CODE_NOT_BUILT:
        return "a tree does not compile";
    case EXIT_CODE_INTERRUPTED:
        return "interrupted";
    default:
        return "internal error";
    }
}

static bool write_junit(const struct cli *cli)
{
    char *text = NULL, name[64], message[512];
    size_t bytes = 0;
    FILE *out = open_memstream(&text, &bytes);

    CHECK(out != NULL);
    (void)snprintf(name, sizeof name, "irqpath %s", cli->command->name);
    cases_print_junit(cli->cases, name, out);
    CHECK(fclose(out) == 0);
    bool is_good = file_write(cli->junit, text, bytes, true, message, sizeof message);
    if (!is_good)
        cli_error(cli, "%s", message);
    free(text);
    return is_good;
}

int cases_output_close(struct cli *cli, int code)
{
    struct cases *cases = cli->cases;
    const char *suite = cli->argument_count > 0 ? cli->arguments[0] : cli->command->name;

    if (cases == NULL)
        return code;
    if (!((struct cases_output *)cases)->is_muted) {
        bool is_told =
            code == EXIT_CODE_FAILED && cases_count(cases, CASE_FAILED) + cases_count(cases, CASE_BROKEN) > 0;
        if (code != EXIT_CODE_OK && !is_told)
            cases_add(cases, suite, "irqpath", CASE_BROKEN, 0, "%s: exit code %d", describe_code(code), code);
        if (cli->wants_annotations)
            cases_print_annotations(cases, annotated_file(cli), stdout);
        if (cli->junit != NULL && !write_junit(cli) && code == EXIT_CODE_OK)
            code = EXIT_CODE_IO;
    }
    cases_free(cases);
    free(cases);
    cli->cases = NULL;
    return code;
}
