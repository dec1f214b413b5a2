/* SPDX-License-Identifier: Apache-2.0
 *
 * Which part of a sweep or an experiment this process runs.
 */
#ifndef COMMANDS_SHARD_H
#define COMMANDS_SHARD_H

#include <stdbool.h>
#include <stddef.h>

#include "commands/cli.h"

/* Determines the shard from the value of --shard ("2/8", the second of eight) or, if it is NULL, from the place in a
 * job array; the default is everything, 0 of 1. False after an error was printed. */
bool shard_choose(const struct cli *cli, const char *text, size_t *shard, size_t *count);

#endif
