/* SPDX-License-Identifier: Apache-2.0
 *
 * What all costs that are options have in common.
 */
#ifndef SCENARIO_OPTIONS_COSTS_H
#define SCENARIO_OPTIONS_COSTS_H

#define COST_CYCLES_MAX 1000000000 /* a path longer than this is a slip of the pen */

#endif
