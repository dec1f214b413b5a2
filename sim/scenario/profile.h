/* SPDX-License-Identifier: Apache-2.0
 *
 * Cost profiles, one per file: of the hardware of a machine, with its topology and clock
 * (scenarios/machines/NAME.yaml), and of a piece of software on such a machine (scenarios/costs/SOFTWARE/NAME.yaml). A
 * profile gives every cost of its kind with a tag that says how well the value is known, its source, and optionally a
 * range for sweeps. With `like: NAME`, costs that the profile does not give are taken from the profile NAME and tagged
 * as estimates.
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
    char like[SETUP_TEXT_BYTES]; /* name or path of the profile for missing costs; "": none */
};

struct profile_cost {
    const struct key_table *table;
    const struct option *option; /* of the table */
    enum cost_tag tag;
    bool has_range;
    char *source; /* NULL: the profile does not give this cost, and its mechanism is disabled */
};

/* A kind of profile: of machines, or of one piece of software. */
struct profile_kind {
    const char *noun;               /* "machine", "cost profile", for messages */
    char directory[64];             /* in the installation: "machines", "costs/xen" */
    char section[SETUP_NAME_BYTES]; /* of its costs in a scenario: "machine.costs" */
    const struct key_table *const *tables;
    bool has_machine; /* the file gives topology, interconnect and frequency */
};

struct profile {
    struct profile_head head;
    char like_name[SETUP_NAME_BYTES]; /* the key `name` of the profile that head.like refers to; "": none */
    struct setup *value;      /* the costs; for a machine, also the rest of struct machine_setup */
    struct setup *low, *high; /* valid for costs with has_range */
    struct profile_cost costs[PROFILE_COSTS_MAX];
    size_t cost_count;
    struct place topology_place;
};

extern const struct profile_kind machine_profile;

/* Returns the kind of the profiles of a piece of software. */
struct profile_kind software_profile(const struct software *software);

/* Loads a profile. `name` is a name, or a path relative to the directory of the file `beside`. Files are read through
 * the cache `inputs`. Origins of all values are added to `origins` unless it is NULL. frequency_hz is the clock by
 * which durations are converted to cycles; a machine file has its own. Returns false after errors. An error about the
 * name itself is reported at `name_node`, or without a place if that is NULL. The caller calls profile_free in either
 * case. */
bool profile_load_kept(struct profile *profile, const struct profile_kind *kind, const char *name, const char *beside,
                       const struct node *name_node, uint64_t frequency_hz, struct inputs *inputs,
                       struct origins *origins, struct diag *diag);

/* Loads a profile without a scenario. The costs of software must be given in cycles then. */
bool profile_load(struct profile *profile, const struct profile_kind *kind, const char *name, struct diag *diag);

void profile_free(struct profile *profile);

/* Returns whether the installation has a profile with this name. */
bool profile_exists(const struct profile_kind *kind, const char *name, struct inputs *inputs);

/* Returns the cost with this key, or NULL. */
const struct profile_cost *profile_cost(const struct profile *profile, const char *key);

/* Copies the costs of the profile to their fields in the setup. */
void profile_copy(const struct profile *profile, struct setup *setup);

/* Returns the record in a setup that the rows of a table fill. */
static inline void *profile_record(struct setup *setup, const struct key_table *table)
{
    return (char *)setup + table->offset;
}

#endif
