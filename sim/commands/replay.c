/* SPDX-License-Identifier: Apache-2.0
 *
 * irqpath replay: prints an interleaving that explore has found, step by step, as columns, a diagram or JSON.
 */
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "base/check.h"
#include "base/diag.h"
#include "commands/cli.h"
#include "commands/command.h"
#include "explore/replay.h"
#include "scenario/scenario.h"

struct replay_options {
    const char *svg;
    bool is_brief;
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

static int print_log(const struct cli *cli, const struct replay *replay, const struct replay_log *log)
{
    const struct replay_options *given = cli->own;

    if (given->svg != NULL)
        return print_svg(cli, replay, log);
    if (cli->wants_json) {
        replay_print_json(replay, log, stdout);
        return EXIT_CODE_OK;
    }
    if (given->is_brief)
        replay_print_brief(log, stdout);
    else
        replay_print_columns(log, stdout);
    printf("%s: %s\n", replay->kind, replay->text);
    return EXIT_CODE_OK;
}

static int replay_world(const struct cli *cli, const struct scenario *scenario, const struct replay *replay)
{
    struct explore_world world;
    struct replay_log log;
    char message[512];
    int status = EXIT_CODE_USAGE;

    if (!explore_world_open(&world, scenario, replay->design, NULL, message, sizeof(message))) {
        cli_error(cli, "%s: %s", cli->arguments[0], message);
        return status;
    }
    if (!replay_record(&world, replay->trace, replay->trace_count, &log))
        cli_error(cli, "%s: the trace does not fit this version of %s: step %zu cannot be taken", cli->arguments[0],
                  replay->design, log.step_count + 1);
    else if (!replay_is_confirmed(&world, replay->kind))
        cli_error(cli, "%s: in this version of %s the trace does not lead to %s any more", cli->arguments[0],
                  replay->design, replay->kind);
    else
        status = print_log(cli, replay, &log);
    replay_log_free(&log);
    explore_world_close(&world);
    return status;
}

static int replay_file(const struct cli *cli, const struct replay *replay)
{
    struct scenario *scenario = malloc(sizeof(*scenario));
    struct diag diag;
    int status = EXIT_CODE_USAGE;

    CHECK(scenario != NULL);
    diag_init(&diag);
    if (cli_design_exists(cli, replay->design)) {
        if (scenario_load_text(scenario, cli->arguments[0], replay->scenario, strlen(replay->scenario), NULL, 0,
                               &diag) == SCENARIO_OK) {
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

static int command_replay_main(const struct cli *cli)
{
    struct replay replay;
    char message[512];

    if (!replay_read(&replay, cli->arguments[0], message, sizeof(message))) {
        cli_error(cli, "%s", message);
        return EXIT_CODE_IO;
    }
    int status = replay_file(cli, &replay);
    replay_free(&replay);
    return status;
}

static const struct cli_option options[] = {
    { "svg", 0, CLI_TEXT, offsetof(struct replay_options, svg), "FILE", NULL,
      "draw a sequence diagram to FILE instead" },
    { "brief", 0, CLI_FLAG, offsetof(struct replay_options, is_brief), NULL, NULL,
      "print consecutive steps of a pCPU in one line" },
};

const struct command command_replay = {
    .name = "replay",
    .arguments = "FILE",
    .summary = "print an interleaving that explore has found, one column per pCPU",
    .description =
        "Executes the steps in a file that explore -o wrote, on the scenario in the same file, and prints what each\n"
        "step does. Fails if this version of the model cannot take a step, or if the steps no longer lead to the\n"
        "violation.",
    .common = CLI_JSON,
    .options = options,
    .option_count = sizeof(options) / sizeof(*options),
    .own_bytes = sizeof(struct replay_options),
    .argument_minimum = 1,
    .argument_maximum = 1,
    .run = command_replay_main,
};
