/* SPDX-License-Identifier: Apache-2.0
 *
 * irqpath explain: prints the resolved scenario with the origin of every value.
 */
#include <jansson.h>
#include <stdio.h>

#include "commands/cli.h"
#include "commands/command.h"
#include "result/report.h"
#include "scenario/scenario.h"
#include "scenario/write.h"

static int command_explain_main(const struct cli *cli)
{
    struct scenario scenario;
    int code = cli_load_scenario(cli, cli->arguments[0], &scenario);

    if (code != EXIT_CODE_OK)
        return code;
    if (cli->wants_json)
        json_print_document(scenario_to_json(&scenario), "scenario", stdout);
    else
        scenario_write_yaml(&scenario, true, stdout);
    scenario_free(&scenario);
    return EXIT_CODE_OK;
}

const struct command command_explain = {
    .name = "explain",
    .arguments = "SCENARIO",
    .summary = "print every value of a scenario with its origin",
    .description =
        "Prints the resolved scenario: every value with its origin, which is a line and column of a file, an\n"
        "override, or a default. The output is a valid scenario. `irqpath list keys` describes the keys.",
    .common = CLI_SCENARIO | CLI_JSON | CLI_EXPECT,
    .argument_minimum = 1,
    .argument_maximum = 1,
    .run = command_explain_main,
};
