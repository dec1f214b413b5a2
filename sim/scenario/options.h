/* SPDX-License-Identifier: Apache-2.0
 *
 * The keys of a scenario and of a machine file that no model reads, one row each with type, default, range and help.
 * The keys that models read are declared by their families (models/family/keys.h).
 */
#ifndef SCENARIO_OPTIONS_H
#define SCENARIO_OPTIONS_H

#include "base/option.h"
#include "models/family/setup.h"

/* The top level of a scenario. */
struct scenario_head {
    uint64_t version;
    char name[SETUP_NAME_BYTES];
};

extern const struct option_table head_options;     /* struct scenario_head */
extern const struct option_table machine_options;  /* struct machine_setup, except profile and costs */
extern const struct option_table profile_options;  /* the profile in struct machine_setup */
extern const struct option_table software_options; /* struct software_setup */

#endif
