/* SPDX-License-Identifier: Apache-2.0
 *
 * irqpath replay: prints an interleaving that explore has found, step by step, as columns, a diagram or JSON.
 */
#include <stdio.h>

#include "base/file.h"
#include "commands/cli.h"
#include "commands/command.h"
#include "commands/debug.h"
#include "commands/replayed.h"
#include "explore/replay.h"

struct replay_options {
    const char *svg;
    struct cli_count step;
    bool is_brief, wants_gdb;
};

static int cannot_write(const struct cli *cli, const char *message)
{
    cli_error(cli, "%s", message);
    return EXIT_CODE_IO;
}

static int print_svg(const struct cli *cli, const struct replay *replay, const struct replay_log *log)
{
    const struct replay_options *given = cli->own;
    struct file_writer file;
    char message[512];

    if (file_open(&file, given->svg, cli->is_forced, message, sizeof message)) {
        replay_print_svg(replay, log, file.stream);
        if (file_commit(&file, message, sizeof message))
            return EXIT_CODE_OK;
    }
    return cannot_write(cli, message);
}

static int print_log(const struct cli *cli, const struct replay *replay, const struct replay_log *log,
                     const struct code_object *code)
{
    const struct replay_options *given = cli->own;

    if (given->svg != NULL)
        return print_svg(cli, replay, log);
    if (cli->wants_json) {
        replay_print_json(replay, log, code, stdout);
        return EXIT_CODE_OK;
    }
    if (given->is_brief)
        replay_print_brief(log, stdout);
    else
        replay_print_columns(log, stdout);
    printf("%s: %s\n", replay->kind, replay->text);
    return EXIT_CODE_OK;
}

static int replay_file(const struct cli *cli, const struct replay *replay, const struct code_object *code)
{
    struct replay_log log;
    int status = replayed_record(cli, cli->arguments[0], replay, code, &log);

    if (status != EXIT_CODE_OK)
        return status;
    status = print_log(cli, replay, &log, code);
    replay_log_free(&log);
    return status;
}

static int replay_in_gdb(const struct cli *cli, const struct replay *replay, const struct code_object *code)
{
    const struct replay_options *given = cli->own;
    size_t step = given->step.is_given ? given->step.value : replay->trace_count;

    if (step <= replay->trace_count)
        return debug_replay(cli, code, step);
    cli_error(cli, "--step %zu: the interleaving has %zu steps", step, replay->trace_count);
    return EXIT_CODE_USAGE;
}

static int command_replay_main(const struct cli *cli)
{
    const struct replay_options *given = cli->own;
    const struct code_object *code = NULL;
    struct replay replay;
    char message[512];

    if (!replay_read(&replay, cli->arguments[0], message, sizeof(message))) {
        cli_error(cli, "%s", message);
        return EXIT_CODE_IO;
    }
    int status = EXIT_CODE_USAGE;
    if (given->step.is_given && !given->wants_gdb)
        cli_error(cli, "--step needs --gdb");
    else if (given->svg != NULL && !file_can_write(given->svg, cli->is_forced, message, sizeof(message)))
        status = cannot_write(cli, message);
    else if (replayed_open_code(cli, cli->arguments[0], &replay, &code))
        status = given->wants_gdb ? replay_in_gdb(cli, &replay, code) : replay_file(cli, &replay, code);
    replay_free(&replay);
    return status;
}

static const struct cli_option options[] = {
    { "svg", 0, CLI_TEXT, offsetof(struct replay_options, svg), "FILE", NULL,
      "draw a sequence diagram to FILE instead" },
    { "brief", 0, CLI_FLAG, offsetof(struct replay_options, is_brief), NULL, NULL,
      "print consecutive steps of a pCPU in one line" },
    { "gdb", 0, CLI_FLAG, offsetof(struct replay_options, wants_gdb), NULL, NULL,
      "run gdb on the replay, and stop at a step" },
    { "step", 0, CLI_COUNT, offsetof(struct replay_options, step), "N", NULL,
      "where --gdb stops (default: the last step)" },
};

const struct command command_replay = {
    .name = "replay",
    .arguments = "FILE",
    .summary = "print an interleaving that explore has found, one column per pCPU",
    .description =
        "Executes the steps in a file that explore -o wrote, on the scenario in the same file, and prints what each\n"
        "step does. Fails if this version of the model cannot take a step, or if the steps no longer lead to the\n"
        "violation. What --code has found needs the same object, by default from where it was.\n"
        "`irqpath report FILE -o PAGE.html` makes a page of it, to walk through the steps in a browser.\n"
        "\n"
        "With --gdb and --code, gdb stops in the object's code, behind its first access from that step on.",
    .common = CLI_JSON | CLI_CODE | CLI_FORCE,
    .options = options,
    .option_count = sizeof(options) / sizeof(*options),
    .own_bytes = sizeof(struct replay_options),
    .argument_minimum = 1,
    .argument_maximum = 1,
    .run = command_replay_main,
};
