/* SPDX-License-Identifier: Apache-2.0
 *
 * A machine: scenarios/machines/NAME.yaml, or a file of the user's. It gives every field of struct costs, each with a
 * tag that says how well it is known, a source, and optionally the range a sweep should try. With `like: NAME` the
 * costs that it doesn't give are that machine's, as estimates: they are of another one.
 */
#ifndef SCENARIO_MACHINE_FILE_H
#define SCENARIO_MACHINE_FILE_H

#include <stdbool.h>
#include <stdint.h>

#include "base/diag.h"
#include "scenario/bind.h"
#include "scenario/inputs.h"
#include "scenario/options.h"

#define MACHINE_COSTS_MAX 64

enum machine_tag { MACHINE_MEASURED, MACHINE_SEEN, MACHINE_DERIVED, MACHINE_RECALLED, MACHINE_ESTIMATE };

extern const struct option_name machine_tag_names[];

struct machine_cost { /* beside cost_options.rows[index] */
    enum machine_tag tag;
    bool has_range;
    char *source;
};

struct machine_file {
    struct machine_head head;
    struct machine_setup setup; /* all but the profile */
    struct costs low, high;     /* where has_range */
    struct machine_cost costs[MACHINE_COSTS_MAX];
    struct place topology_place;
};

/* `profile` is a name or a path (beside the scenario file `beside`). Origins of all values go to `origins` unless NULL.
 * False after errors; those that concern the choice of the file are placed at `profile_node` if there is one, otherwise
 * they have no place. machine_file_free in either case. */
bool machine_file_load(struct machine_file *file, const char *profile, const char *beside,
                       const struct node *profile_node, struct origins *origins, struct diag *diag);

/* The same; its files are kept in `inputs`, or have been. */
bool machine_file_load_kept(struct machine_file *file, const char *profile, const char *beside,
                            const struct node *profile_node, struct inputs *inputs, struct origins *origins,
                            struct diag *diag);

void machine_file_free(struct machine_file *file);

#endif
