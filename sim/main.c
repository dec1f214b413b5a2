/* SPDX-License-Identifier: Apache-2.0
 *
 * The program irqpath: finds the subcommand, parses its options and runs it. The array below lists all subcommands.
 */
#include <errno.h>
#include <jansson.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "base/check.h"
#include "base/control.h"
#include "base/suggest.h"
#include "commands/cli.h"
#include "commands/command.h"

static const struct command *const commands[] = {
    &command_run,  &command_compare,   &command_sweep, &command_experiment, &command_report,
    &command_show, &command_plot,      &command_trace, &command_explore,    &command_replay,
    &command_list, &command_calibrate, &command_build, &command_validate,   &command_explain,
};

#define COMMAND_COUNT (sizeof(commands) / sizeof(*commands))

static int command_version_main(const struct cli *cli)
{
    if (cli->wants_json)
        printf("{\"version\": \"%s\"}\n", cli_version());
    else
        printf("irqpath %s\n", cli_version());
    return EXIT_CODE_OK;
}

static const struct command command_version = {
    .name = "version",
    .arguments = "",
    .summary = "print the version",
    .common = CLI_JSON,
    .run = command_version_main,
};

static void print_usage(FILE *stream)
{
    fputs("usage: irqpath COMMAND ...\n\n"
          "Simulates the path of an interrupt through a hypervisor, cycle by cycle.\n\ncommands:\n",
          stream);
    for (size_t i = 0; i < COMMAND_COUNT; i++)
        fprintf(stream, "  %-12s%s\n", commands[i]->name, commands[i]->summary);
    fprintf(stream, "  %-12s%s\n", command_version.name, command_version.summary);
    fputs("\n`irqpath COMMAND --help` describes a command.\n"
          "Exit codes: 0 success; 1 failed expectation, regression or violation; 2 usage or scenario error;\n"
          "3 internal error of the simulator; 4 input/output error; 125 code does not compile; 130 interrupted.\n"
          "The environment variable IRQPATH_SCENARIOS names another directory of scenarios and machines.\n",
          stream);
}

static const struct command *find_command(const char *name)
{
    char suggestion[SUGGEST_TEXT_BYTES], shown[81];
    struct suggest suggest;

    if (!strcmp(name, command_version.name) || !strcmp(name, "--version"))
        return &command_version;
    suggest_init(&suggest, name);
    for (size_t i = 0; i < COMMAND_COUNT; i++) {
        if (!strcmp(name, commands[i]->name))
            return commands[i];
        suggest_offer(&suggest, commands[i]->name);
    }
    snprintf(shown, sizeof shown, "%s", name);
    control_clean(shown);
    fprintf(stderr, "irqpath: error: unknown command '%s'%s\n", shown, suggest_text(&suggest, suggestion));
    return NULL;
}

/* Reports an error when the output could not be written completely. */
static int finish_output(int code)
{
    errno = 0;
    if (fflush(stdout) == 0 && !ferror(stdout))
        return code;
    fprintf(stderr, "irqpath: error: cannot write to standard output%s%s\n", errno ? ": " : "",
            errno ? strerror(errno) : "");
    return code == EXIT_CODE_OK ? EXIT_CODE_IO : code;
}

static int run_command(const struct command *command, int count, char **argv)
{
    struct cli cli;
    int code = EXIT_CODE_USAGE;

    if (cli_parse(&cli, command, count, argv)) {
        code = EXIT_CODE_OK;
        if (cli.wants_help)
            cli_print_help(command);
        else
            code = command->run(&cli);
    }
    cli_free(&cli);
    return finish_output(code);
}

/* Jansson's functions return NULL or -1 when memory is short, which would lose a key: there is no such return. */
static void *checked_malloc(size_t bytes)
{
    void *memory = malloc(bytes);

    CHECK(memory != NULL);
    return memory;
}

int main(int argc, char **argv)
{
    const struct command *command;

    json_set_alloc_funcs(checked_malloc, free);

    if (argc < 2) {
        print_usage(stderr);
        return EXIT_CODE_USAGE;
    }
    if (!strcmp(argv[1], "--help") || !strcmp(argv[1], "-h") || (!strcmp(argv[1], "help") && argc == 2)) {
        print_usage(stdout);
        return finish_output(EXIT_CODE_OK);
    }
    if (!strcmp(argv[1], "help")) {
        command = find_command(argv[2]);
        if (!command)
            return EXIT_CODE_USAGE;
        cli_print_help(command);
        return finish_output(EXIT_CODE_OK);
    }
    command = find_command(argv[1]);
    return command ? run_command(command, argc - 2, argv + 2) : EXIT_CODE_USAGE;
}
