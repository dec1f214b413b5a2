/* SPDX-License-Identifier: Apache-2.0
 *
 * A resolved scenario as text for people and scripts; scenario_resolved_yaml of scenario.h is made of it.
 */
#ifndef SCENARIO_WRITE_H
#define SCENARIO_WRITE_H

#include <jansson.h>
#include <stdbool.h>
#include <stdio.h>

#include "scenario/scenario.h"

/* Canonical YAML; with origins, each line ends in a comment that says where its value comes from. */
void scenario_write_yaml(const struct scenario *scenario, bool has_origins, FILE *stream);

/* {"scenario", "question", "values": [{"path", "value", "origin"}], "matrix", "expect"}; a new reference. */
json_t *scenario_to_json(const struct scenario *scenario);

#endif
