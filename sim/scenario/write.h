/* SPDX-License-Identifier: Apache-2.0
 *
 * Writes a resolved scenario as YAML or JSON. scenario_resolved_yaml (scenario.h) uses the same code.
 */
#ifndef SCENARIO_WRITE_H
#define SCENARIO_WRITE_H

#include <jansson.h>
#include <stdbool.h>
#include <stdio.h>

#include "scenario/scenario.h"

/* Writes canonical YAML. With origins, each line ends in a comment that says where its value comes from. */
void scenario_write_yaml(const struct scenario *scenario, bool has_origins, FILE *stream);

/* Returns a new object {"scenario", "question", "values": [{"path", "value", "origin"}], "matrix", "expect"}. */
json_t *scenario_to_json(const struct scenario *scenario);

#endif
