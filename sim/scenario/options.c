/* SPDX-License-Identifier: Apache-2.0
 *
 * Option tables of the keys of a scenario and of a machine file that no model reads.
 */
#include "scenario/options.h"

#include "models/family/keys.h"

static const struct option_name interconnect_names[] = {
    { "full", INTERCONNECT_FULL, "every socket is one hop from every other" },
    { "glueless", INTERCONNECT_GLUELESS, "eight sockets; each has three peers at one hop and four at two" },
    { "chiplet", INTERCONNECT_CHIPLET, "the distances are same cache, same socket, other socket" },
    { NULL, 0, NULL },
};

static const struct option head_rows[] = {
    { "version", OPTION_INTEGER, KEY_FIELD(struct scenario_head, version), "1", 1, 1, NULL, NULL,
      "version of the scenario format" },
    { "name", OPTION_TEXT, KEY_TEXT(struct scenario_head, name), NULL, 1, 0, NULL, NULL,
      "name of the scenario: letters, digits, '.', '_', '-'" },
};

static const struct option profile_rows[] = {
    { "profile", OPTION_TEXT, KEY_TEXT(struct machine_setup, profile), "westmere-ex-8s", 1, 0, NULL, NULL,
      "machine file: a name from `irqpath list machines`, or a path" },
};

static const struct option machine_rows[] = {
    { "topology", OPTION_TEXT, KEY_TEXT(struct machine_setup, topology), NULL, 1, 0, NULL, NULL,
      "hwloc synthetic string or lstopo XML file; default: the profile's" },
    { "interconnect", OPTION_ENUM, KEY_FIELD(struct machine_setup, interconnect), NULL, 0, 0, NULL, interconnect_names,
      "how sockets are connected; default: the profile's" },
    { "frequency", OPTION_FREQUENCY, KEY_FIELD(struct machine_setup, costs.frequency_hz), NULL, 1000000, 100000000000,
      NULL, NULL, "frequency of the clock that counts cycles; default: the profile's" },
};

static const struct option software_rows[] = {
    { "profile", OPTION_TEXT, KEY_TEXT(struct software_setup, profile), "machine", 1, 0, NULL, NULL,
      "cost profile of this software: a name from `irqpath list costs`, or a path; default: named like the machine" },
};

const struct option_table head_options = KEY_ROWS(head_rows);
const struct option_table machine_options = KEY_ROWS(machine_rows);
const struct option_table profile_options = KEY_ROWS(profile_rows);
const struct option_table software_options = KEY_ROWS(software_rows);
