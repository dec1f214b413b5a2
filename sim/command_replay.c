/* SPDX-License-Identifier: Apache-2.0
 *
 * irqpath replay: one interleaving that explore kept, step by step.
 */
#include <stdio.h>
#include <string.h>

#include "base/diag.h"
#include "cli.h"
#include "command.h"
#include "explore/replay.h"
#include "scenario/scenario.h"

static bool print_world(const struct cli *cli, const struct scenario *scenario, const struct replay *replay)
{
    struct explore_world world;
    char message[512];
    bool is_good;

    if (!explore_world_open(&world, scenario, replay->design, message, sizeof(message))) {
        cli_error(cli, "%s: %s", cli->arguments[0], message);
        return false;
    }
    is_good = explore_replay_print(&world, replay->trace, replay->trace_count, stdout);
    explore_world_close(&world);
    if (is_good)
        printf("%s: %s\n", replay->kind, replay->text);
    else
        cli_error(cli, "%s: the trace does not fit this version of %s", cli->arguments[0], replay->design);
    return is_good;
}

static int print_replay(const struct cli *cli, const struct replay *replay)
{
    struct scenario scenario;
    struct diag diag;
    int status = EXIT_CODE_USAGE;

    if (!cli_design_exists(cli, replay->design))
        return status;
    diag_init(&diag);
    if (scenario_load_text(&scenario, cli->arguments[0], replay->scenario, strlen(replay->scenario), NULL, 0, &diag) ==
        SCENARIO_OK) {
        status = print_world(cli, &scenario, replay) ? EXIT_CODE_OK : EXIT_CODE_USAGE;
        scenario_free(&scenario);
    } else {
        cli_error(cli, "%s: the scenario in it is refused: %s", cli->arguments[0],
                  diag.message_count > 0 ? diag.messages[0].text : "no reason given");
    }
    diag_free(&diag);
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
    int status = print_replay(cli, &replay);
    replay_free(&replay);
    return status;
}

const struct command command_replay = {
    .name = "replay",
    .arguments = "FILE",
    .summary = "print an interleaving that explore kept, one column a pCPU",
    .run = command_replay_main,
    .argument_minimum = 1,
    .argument_maximum = 1,
};
