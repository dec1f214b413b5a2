/* SPDX-License-Identifier: Apache-2.0
 *
 * What a comparison has judged, as cases for pipelines.
 */
#ifndef COMMANDS_COMPARE_CASES_H
#define COMMANDS_COMPARE_CASES_H

#include "commands/cli.h"
#include "compare/compare.h"

/* Adds a case for each metric of each side that has a verdict, unless none are wanted: one that is worse fails where
 * the exit code tells of it, which is where --threshold is given, and with two results or two trees. */
void compare_cases_add(const struct cli *cli, const struct comparison *comparison);

#endif
