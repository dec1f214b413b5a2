/* SPDX-License-Identifier: Apache-2.0
 *
 * irqpath validate: checks a scenario and every value of its matrix without running a simulation.
 */
#include <stdio.h>

#include "commands/cli.h"
#include "commands/command.h"
#include "scenario/scenario.h"

/* Returns the worst exit code of all scenarios; an unreadable file is worse than an invalid one. */
static int command_validate_main(const struct cli *cli)
{
    int worst = EXIT_CODE_OK;

    for (size_t i = 0; i < cli->argument_count; i++) {
        struct scenario scenario;
        int code = cli_load_scenario(cli, cli->arguments[i], &scenario);

        worst = code > worst ? code : worst;
        if (code == EXIT_CODE_OK) {
            cli_note(cli, "%s: valid, %zu %s", cli->arguments[i], scenario_cell_count(&scenario),
                     scenario_cell_count(&scenario) == 1 ? "cell" : "cells");
            scenario_free(&scenario);
        }
    }
    return worst;
}

const struct command command_validate = {
    .name = "validate",
    .arguments = "SCENARIO...",
    .summary = "check scenarios",
    .description =
        "Checks scenarios, their overrides, machine files, pins and every value of their matrix. All errors are\n"
        "printed together, as file:line:column. Exit code: 0 if all are valid, 2 if not, 4 if a file cannot be\n"
        "read.",
    .common = CLI_SCENARIO | CLI_EXPECT,
    .argument_minimum = 1,
    .argument_maximum = 100000,
    .run = command_validate_main,
};
