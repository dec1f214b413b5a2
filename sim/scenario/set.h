/* SPDX-License-Identifier: Apache-2.0
 *
 * Dotted paths into a scenario: `guests.idle.timer`, `machine.costs.store_modified.near`. Guests and devices are
 * addressed by name. --set and matrix axes use paths to change the tree before the scenario is bound.
 */
#ifndef SCENARIO_SET_H
#define SCENARIO_SET_H

#include <stdbool.h>

#include "base/diag.h"
#include "scenario/yaml_tree.h"

/* Assigns `value`, a node of the same tree without a parent, to `path` and creates the maps that are missing on the
 * way. `path_place` is the place of the first character of `path`. Returns false after an error. */
bool scenario_assign(struct yaml_tree *tree, struct node *root, const char *path, struct place path_place,
                     struct node *value, struct diag *diag);

/* Applies "path=value"; `place` is that of the text. A value that begins with a bracket, a brace or a quote is parsed
 * as YAML; any other value is plain text. Returns false after an error. */
bool scenario_apply_set(struct yaml_tree *tree, struct node *root, const char *set, struct place place,
                        struct diag *diag);

/* Returns "path=value", which scenario_apply_set takes as this value. The caller frees it. */
char *scenario_set_text(const char *path, const struct node *value);

#endif
