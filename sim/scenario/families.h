/* SPDX-License-Identifier: Apache-2.0
 *
 * Which families of designs read which keys: a key that the scenario's design knows nothing of is an error, and explain
 * and results leave it out.
 */
#ifndef SCENARIO_FAMILIES_H
#define SCENARIO_FAMILIES_H

#include <stdbool.h>

/* section: "hypervisor", "guests", "devices", with or without ".NAME" and more behind. */
bool family_reads(const char *family, const char *section, const char *key);

/* Whether the design does that action; `action` as in the scenario. */
bool family_does(const char *family, const char *action);

#endif
