/* SPDX-License-Identifier: Apache-2.0
 *
 * irqpath replay: prints an interleaving that explore has found, step by step, as columns, a diagram or JSON.
 */
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "base/check.h"
#include "base/diag.h"
#include "code/object.h"
#include "code/races.h"
#include "commands/cli.h"
#include "commands/command.h"
#include "commands/debug.h"
#include "explore/replay.h"
#include "scenario/scenario.h"

struct replay_options {
    const char *svg;
    struct cli_count step;
    bool is_brief, wants_gdb;
};

static int print_svg(const struct cli *cli, const struct replay *replay, const struct replay_log *log)
{
    const struct replay_options *given = cli->own;
    FILE *stream = fopen(given->svg, "w");

    if (stream != NULL) {
        replay_print_svg(replay, log, stream);
        if (fclose(stream) == 0)
            return EXIT_CODE_OK;
    }
    cli_error(cli, "%s: cannot write the file", given->svg);
    return EXIT_CODE_IO;
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

/* The races of the scenario's code object, of which those accesses are steps that were steps of the search. */
static struct races *races_of(const struct scenario *scenario, const struct replay *replay)
{
    struct races *races = explore_races_new(scenario, replay->are_all_steps);

    for (size_t i = 0; i < replay->access_count; i++)
        races_add_step(races, replay->accesses[i]);
    return races;
}

static int replay_world(const struct cli *cli, const struct scenario *scenario, const struct replay *replay)
{
    struct races *races = races_of(scenario, replay);
    struct explore_world world;
    struct replay_log log;
    char message[512];
    int status = EXIT_CODE_USAGE;

    if (!explore_world_open(&world, scenario, replay->design, races, message, sizeof(message))) {
        cli_error(cli, "%s: %s", cli->arguments[0], message);
        races_free(races);
        return status;
    }
    if (!replay_record(&world, replay->trace, replay->trace_count, &log))
        cli_error(cli, "%s: the trace does not fit this version of %s: step %zu cannot be taken", cli->arguments[0],
                  replay->design, log.step_count + 1);
    else if (!replay_is_confirmed(&world, replay->kind))
        cli_error(cli, "%s: in this version of %s the trace does not lead to %s any more", cli->arguments[0],
                  replay->design, replay->kind);
    else
        status = print_log(cli, replay, &log, scenario->setup.code);
    replay_log_free(&log);
    explore_world_close(&world);
    races_free(races);
    return status;
}

/* A trace is one of a certain object. */
static bool is_of_code(const struct cli *cli, const struct replay *replay, const struct code_object *code)
{
    if (replay->code == NULL && code == NULL)
        return true;
    if (replay->code == NULL)
        cli_error(cli, "%s: the interleaving is one of no code object: --code cannot be used", cli->arguments[0]);
    else if (strcmp(replay->code, code->hash) != 0)
        cli_error(cli, "%s: the interleaving is one of the code object %s; %s is %s (--code names another file)",
                  cli->arguments[0], replay->code, code->path, code->hash);
    else
        return true;
    return false;
}

static int replay_file(const struct cli *cli, const struct replay *replay, const struct code_object *code)
{
    struct scenario *scenario = malloc(sizeof(*scenario));
    struct diag diag;
    int status = EXIT_CODE_USAGE;

    CHECK(scenario != NULL);
    diag_init(&diag);
    if (cli_design_exists(cli, replay->design)) {
        if (scenario_load_text(scenario, cli->arguments[0], replay->scenario, strlen(replay->scenario), NULL, 0,
                               &diag) == SCENARIO_OK) {
            scenario->setup.code = code;
            status = replay_world(cli, scenario, replay);
            scenario_free(scenario);
        } else {
            cli_error(cli, "%s: the scenario in it is refused: %s", cli->arguments[0],
                      diag.message_count > 0 ? diag.messages[0].text : "no reason given");
        }
    }
    diag_free(&diag);
    free(scenario);
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
    struct cli with_code = *cli;
    if (cli->code == NULL)
        with_code.code = replay.code_path;
    if (given->step.is_given && !given->wants_gdb)
        cli_error(cli, "--step needs --gdb");
    else if (cli_open_code(&with_code, &code) && is_of_code(cli, &replay, code))
        status = given->wants_gdb ? replay_in_gdb(&with_code, &replay, code) : replay_file(cli, &replay, code);
    else if (cli->code == NULL && replay.code != NULL && code == NULL)
        cli_error(cli, "%s: the interleaving is one of the code object %s, which was %s: --code names it elsewhere",
                  cli->arguments[0], replay.code, replay.code_path);
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
        "violation. What --code has found needs the same object, by\n"
        "default from where it was.\n"
        "\n"
        "With --gdb and --code, gdb stops in the object's code, behind its first access from that step on.",
    .common = CLI_JSON | CLI_CODE,
    .options = options,
    .option_count = sizeof(options) / sizeof(*options),
    .own_bytes = sizeof(struct replay_options),
    .argument_minimum = 1,
    .argument_maximum = 1,
    .run = command_replay_main,
};
