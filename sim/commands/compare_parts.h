/* SPDX-License-Identifier: Apache-2.0
 *
 * What the files of irqpath compare share.
 */
#ifndef COMMANDS_COMPARE_PARTS_H
#define COMMANDS_COMPARE_PARTS_H

#include <jansson.h>
#include <stdbool.h>
#include <stddef.h>

#include "commands/cli.h"
#include "commands/trees.h"
#include "compare/compare.h"
#include "compare/groups.h"

/* Where --seeds does not say how many. */
#define COMPARE_SEEDS_DEFAULT 5

struct compare_options {
    const char *designs, *over, *threshold, *until;
    struct cli_count threads, seeds_max;
    bool wants_all;
    struct trees_options trees;
};

/* Compares and prints the sides, and takes ownership of them; adds a document to `documents` instead with --json.
 * Returns whether a metric is worse. */
bool compare_report(const struct cli *cli, struct compare_side *sides, size_t count, double threshold,
                    json_t *documents);

/* With --json prints a single document as it is, and several as an array. Releases `documents`. */
void compare_print_documents(const struct cli *cli, json_t *documents);

/* Refuses results of different scenarios with one name, which cannot be told apart. */
bool compare_are_distinct(const struct cli *cli, const struct compare_groups *groups);

/* Compares the results of the set along an axis; checks the added expectations of the scenario, which may be NULL. */
int compare_report_axis(const struct cli *cli, const struct scenario *scenario, const struct result_set *set,
                        const char *axis, double threshold);

/* The number of seeds to run with. */
size_t compare_seed_count(const struct cli *cli);

int compare_files(const struct cli *cli, double threshold);

/* Whether options of trees are given. */
bool compare_wants_trees(const struct cli *cli);
int compare_trees(const struct cli *cli, double threshold);

#endif
