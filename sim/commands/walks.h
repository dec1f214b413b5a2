/* SPDX-License-Identifier: Apache-2.0
 *
 * irqpath explore --random N in parts: --walks, the place in a job array, and --merge.
 */
#ifndef COMMANDS_WALKS_H
#define COMMANDS_WALKS_H

#include <stdbool.h>

#include "commands/cli.h"
#include "explore/search.h"
#include "explore/walk_parts.h"
#include "scenario/scenario.h"

struct walks_options {
    struct cli_count number;  /* --random */
    const char *part, *merge; /* --walks, --merge */
};

/* Sets limits->walks and limits->walks_from. False after an error was printed. */
bool walks_choose(const struct cli *cli, const struct walks_options *options, struct explore_limits *limits);

/* Whether limits are not of all the walks, so that their outcome is not the answer. */
bool walks_are_part(const struct walks_options *options, const struct explore_limits *limits);

/* Reads the parts of --merge, if it is given. False after an error was printed; otherwise the caller calls
 * walk_parts_free. */
bool walks_open(const struct cli *cli, const struct walks_options *options, struct walk_parts *parts);

/* Identifies all that the walks depend on, besides the design: scenario, limit on their steps, version. NULL if they
 * cannot be taken in parts: with a code object, whose steps depend on the races found before. The caller frees it. */
char *walks_hash(const struct scenario *scenario, const struct explore_limits *limits);

/* What explore_scenario would find if it took all walks: from the parts, and from one walk, which is repeated if it has
 * the first violation. Sets *seconds to the sum of the parts'. False with a message. */
bool walks_merge(const struct walk_parts *parts, const struct scenario *scenario, const char *design,
                 const struct explore_limits *limits, struct explore_outcome *outcome, double *seconds, char *message,
                 size_t message_bytes);

#endif
