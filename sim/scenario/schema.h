/* SPDX-License-Identifier: Apache-2.0
 *
 * The JSON Schema (draft 7) of scenarios, for completion and checks in editors. It is made from the rows that bind the
 * values, family by family. What needs more than one value at a time, such as names of guests and pins, only `irqpath
 * validate` checks. YAML 1.1 and 1.2 differ in on and off: both of their readings are accepted.
 */
#ifndef SCENARIO_SCHEMA_H
#define SCENARIO_SCHEMA_H

#include <stdio.h>

void scenario_schema_print(FILE *stream);

#endif
