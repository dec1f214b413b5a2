/* SPDX-License-Identifier: Apache-2.0
 *
 * Profiles of costs, a file each: of a machine's hardware, scenarios/machines/NAME.yaml, with its topology and clock;
 * and of a piece of software on such a machine, scenarios/costs/SOFTWARE/NAME.yaml. A profile gives every cost of its
 * kind, each with a tag that says how well it is known, a source, and optionally the range that a sweep should try.
 * With `like: NAME` the costs that it does not give are that profile's, as estimates: they are of something else.
 */
#ifndef SCENARIO_PROFILE_H
#define SCENARIO_PROFILE_H

#include <stdbool.h>
#include <stdint.h>

#include "base/diag.h"
#include "models/family/family.h"
#include "scenario/bind.h"
#include "scenario/inputs.h"

#define PROFILE_COSTS_MAX 64

enum cost_tag { COST_MEASURED, COST_SEEN, COST_DERIVED, COST_RECALLED, COST_ESTIMATE };

extern const struct option_name cost_tag_names[];

struct profile_head {
    char name[SETUP_NAME_BYTES];
    char summary[256];
    char like[SETUP_TEXT_BYTES]; /* name or path; "": none */
};

struct profile_cost {
    const struct key_table *table;
    const struct option *option; /* of the table */
    enum cost_tag tag;
    bool has_range;
    char *source; /* NULL: the profile leaves out this cost, whose mechanism is off then */
};

/* What kind of profile a file is. */
struct profile_kind {
    const char *noun;               /* "machine", "cost profile", for messages */
    char directory[64];             /* of the installation: "machines", "costs/xen" */
    char section[SETUP_NAME_BYTES]; /* of its costs in a scenario: "machine.costs" */
    const struct key_table *const *tables;
    bool has_machine; /* topology, interconnect and frequency */
};

struct profile {
    struct profile_head head;
    char like_name[SETUP_NAME_BYTES]; /* the name in the file that it is like; "": none */
    struct setup *value;      /* costs; of a machine all of struct machine_setup but the profile's name */
    struct setup *low, *high; /* where has_range */
    struct profile_cost costs[PROFILE_COSTS_MAX];
    size_t cost_count;
    struct place topology_place;
};

extern const struct profile_kind machine_profile;

/* The kind of the profiles of a family's software. */
struct profile_kind software_profile(const struct software *software);

/* `name` is a name or a path (beside the scenario file `beside`). Its files are kept in `inputs`, or have been. Origins
 * of all values go to `origins` unless NULL. frequency_hz: of the clock in which times given for cycles are counted; a
 * machine's file has its own. False after errors; those that concern the choice of the file are placed at `name_node`
 * if there is one, otherwise they have no place. profile_free in either case. */
bool profile_load_kept(struct profile *profile, const struct profile_kind *kind, const char *name, const char *beside,
                       const struct node *name_node, uint64_t frequency_hz, struct inputs *inputs,
                       struct origins *origins, struct diag *diag);

/* The same for who has no scenario: costs must be given in cycles. */
bool profile_load(struct profile *profile, const struct profile_kind *kind, const char *name, struct diag *diag);

void profile_free(struct profile *profile);

/* Whether the installation has a profile of that name. */
bool profile_exists(const struct profile_kind *kind, const char *name, struct inputs *inputs);

/* The cost of that key, or NULL. */
const struct profile_cost *profile_cost(const struct profile *profile, const char *key);

/* Copies the costs of the kind to where the tables say. */
void profile_copy(const struct profile *profile, struct setup *setup);

/* The record of a setup that a table's rows fill. */
static inline void *profile_record(struct setup *setup, const struct key_table *table)
{
    return (char *)setup + table->offset;
}

#endif
