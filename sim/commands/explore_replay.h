/* SPDX-License-Identifier: Apache-2.0
 *
 * The files of -o of irqpath explore.
 */
#ifndef COMMANDS_EXPLORE_REPLAY_H
#define COMMANDS_EXPLORE_REPLAY_H

#include <stdbool.h>
#include <stddef.h>

#include "commands/cli.h"
#include "explore/verdicts.h"
#include "scenario/scenario.h"

/* The name of the file; several designs or scenarios have a file each. The caller frees it. */
char *explore_replay_path(const struct cli *cli, const struct scenario *scenario, const char *design, size_t designs);

/* Writes row->replay. False after an error was printed. */
bool explore_keep_replay(const struct cli *cli, const struct scenario *scenario, const struct explore_row *row);

/* Checks before the exploration, which may take hours, that the file can be written. */
bool explore_can_keep_replay(const struct cli *cli, const struct scenario *scenario, const char *design,
                             size_t designs);

#endif
