/* SPDX-License-Identifier: Apache-2.0
 *
 * The JSON Schema of one value.
 */
#ifndef SCENARIO_SCHEMA_VALUE_H
#define SCENARIO_SCHEMA_VALUE_H

#include <jansson.h>
#include <stdbool.h>

#include "base/option.h"

/* Returns the schema of a row's value, with its help. Where `is_cost`, cycles may be given as a duration. */
json_t *schema_value(const struct option *option, bool is_cost);

/* Returns a schema that accepts these names, of which on and off may have become a boolean. */
json_t *schema_names(const char *const *names, size_t count);

#endif
