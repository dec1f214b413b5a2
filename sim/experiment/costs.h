/* SPDX-License-Identifier: Apache-2.0
 *
 * What the costs of a scenario are, what its profiles say of them, and what that rests on.
 */
#ifndef EXPERIMENT_COSTS_H
#define EXPERIMENT_COSTS_H

#include <stdbool.h>
#include <stddef.h>

#include "scenario/scenario.h"

#define COST_TEXT_BYTES 96

struct cost_row {
    char path[COST_TEXT_BYTES];                       /* "host.costs.wake" */
    char value[COST_TEXT_BYTES];                      /* in the scenario */
    char typical[COST_TEXT_BYTES];                    /* in the profile */
    char low[COST_TEXT_BYTES], high[COST_TEXT_BYTES]; /* "" if the profile gives no range */
    char range[COST_TEXT_BYTES];                      /* "200cy .. 900cy" */
    char tag[COST_TEXT_BYTES];                        /* "estimate" */
    char source[600];
};

/* Finds a cost by its path. False when the scenario has no such cost. */
bool cost_find(const struct scenario *scenario, const char *path, struct cost_row *row);

/* Calls `visit` for every cost that a profile of the scenario gives, until it returns true. Returns whether it did. */
bool cost_each(const struct scenario *scenario, bool (*visit)(void *context, const struct cost_row *row),
               void *context);

/* Finds the cost number `index` of those that are not as the profile says. False when there are no more. */
bool cost_chosen(const struct scenario *scenario, size_t index, struct cost_row *row);

#endif
