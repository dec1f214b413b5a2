/* SPDX-License-Identifier: Apache-2.0
 *
 * The keys of a scenario and of a machine file: one row each, with type, default, range and help. Everything that knows
 * a key (parser, explain, list keys, --set) reads these tables.
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

/* The top level of a machine file; its other keys are machine_options'. */
struct machine_head {
    char name[SETUP_NAME_BYTES];
    char summary[256];
    char like[SETUP_TEXT_BYTES]; /* name or path; "": none */
};

extern const struct option_table head_options;         /* struct scenario_head */
extern const struct option_table machine_head_options; /* struct machine_head */
extern const struct option_table machine_options;      /* struct machine_setup: without profile and costs */
extern const struct option_table profile_options;      /* struct machine_setup: profile */
extern const struct option_table cost_options;         /* struct costs: all but the frequency */
extern const struct option_table hypervisor_options;   /* struct hypervisor_setup */
extern const struct option_table qemu_options;         /* struct qemu_setup */
extern const struct option_table host_options;         /* struct host_setup */
extern const struct option_table guest_options;        /* struct guest_setup */
extern const struct option_table device_options;       /* struct device_setup: without guest and arrivals */
extern const struct option_table arrival_options;      /* struct arrival_setup: without times and file */
extern const struct option_table action_options;       /* struct action_setup: without guest and device */
extern const struct option_table run_options;          /* struct run_setup */

/* Names that rows of more than one file take. */
extern const struct option_name migration_step_names[], pirq_kind_names[], device_path_names[];

/* The names of a cost's elements: near, middle, far, NULL. */
extern const char *const distance_names[];

/* What an arrival process reads: bits (1 << process) for the key of arrival_options, 0 for a key all of them read. */
uint32_t arrival_processes(const char *key);

#endif
