/* SPDX-License-Identifier: Apache-2.0
 *
 * Writes the replay files of violations.
 */
#define _GNU_SOURCE
#include "commands/explore_replay.h"

#include <stdio.h>
#include <stdlib.h>

#include "base/check.h"
#include "base/file.h"
#include "code/object.h"
#include "explore/replay.h"

char *explore_replay_path(const struct cli *cli, const struct scenario *scenario, const char *design, size_t designs)
{
    char *path;
    int length;

    if (cli->argument_count > 1)
        length = asprintf(&path, "%s-%s-%s", cli->output, scenario->name, design);
    else if (designs > 1)
        length = asprintf(&path, "%s-%s", cli->output, design);
    else
        length = asprintf(&path, "%s", cli->output);
    CHECK(length > 0);
    return path;
}

bool explore_keep_replay(const struct cli *cli, const struct scenario *scenario, const struct explore_row *row)
{
    struct replay replay = {
        .scenario = scenario_resolved_yaml(scenario),
        .design = row->design,
        .kind = (char *)violation_name(row->outcome.violation.kind),
        .text = (char *)row->outcome.violation.text,
        .trace = row->outcome.trace,
        .trace_count = row->outcome.trace_count,
    };
    char message[512];

    if (row->races != NULL) {
        replay.code = (char *)scenario->setup.code->hash;
        replay.code_path = scenario->setup.code->path;
        replay_keep_accesses(&replay, row->races);
    }
    bool is_good = replay_write(&replay, row->replay, cli->is_forced, message, sizeof(message));

    if (!is_good)
        cli_error(cli, "%s", message);
    free(replay.scenario);
    free(replay.accesses);
    return is_good;
}

bool explore_can_keep_replay(const struct cli *cli, const struct scenario *scenario, const char *design, size_t designs)
{
    char message[512], *path;
    bool is_good;

    if (cli->output == NULL)
        return true;
    path = explore_replay_path(cli, scenario, design, designs);
    is_good = file_can_write(path, cli->is_forced, message, sizeof(message));
    if (!is_good)
        cli_error(cli, "%s", message);
    free(path);
    return is_good;
}
