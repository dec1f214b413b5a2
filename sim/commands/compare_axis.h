/* SPDX-License-Identifier: Apache-2.0
 *
 * What irqpath compare varies: the designs of --designs, the axis of --over, or an axis of the scenario's matrix.
 */
#ifndef COMMANDS_COMPARE_AXIS_H
#define COMMANDS_COMPARE_AXIS_H

#include <stdbool.h>

#include "commands/cli.h"
#include "scenario/scenario.h"

#define COMPARE_DESIGN_AXIS "hypervisor.design"

/* Fills in an axis with at least one value, no two of which have the same label. False after an error was printed. The
 * caller frees it in either case. */
bool compare_axis_choose(struct scenario_axis *axis, const struct cli *cli, const struct scenario *scenario);
void compare_axis_free(struct scenario_axis *axis);

#endif
