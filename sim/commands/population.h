/* SPDX-License-Identifier: Apache-2.0
 *
 * irqpath sweep --analyse: the table of a population.
 */
#ifndef COMMANDS_POPULATION_H
#define COMMANDS_POPULATION_H

#include <stdbool.h>

#include "commands/cli.h"

struct population_options {
    const char *analyse, *metric, *by, *where, *redrawn, *above, *below;
    bool wants_indices;
};

/* Prints the analysis of the table that options->analyse names. Returns the exit code. */
int population_analyse(const struct cli *cli, const struct population_options *options);

#endif
