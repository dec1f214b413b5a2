/* SPDX-License-Identifier: Apache-2.0
 *
 * Dotted paths into a scenario: `guests.idle.timer`, `machine.costs.store_modified.near`. Entries of guests and devices
 * go by their name. Used by --set and by matrix axes, which put values into the tree before anything is bound.
 */
#ifndef SCENARIO_SET_H
#define SCENARIO_SET_H

#include <stdbool.h>

#include "base/diag.h"
#include "scenario/yaml_tree.h"

/* Puts `value` (of the same tree, without a parent) at `path`, whose first character stands at `path_place`. Missing
 * maps on the way are made. False after an error. */
bool scenario_assign(struct yaml_tree *tree, struct node *root, const char *path, struct place path_place,
                     struct node *value, struct diag *diag);

/* "path=value"; `place` is that of the text. A value that begins with a bracket, a brace or a quote is YAML, any other
 * is the text itself. False after an error. */
bool scenario_apply_set(struct yaml_tree *tree, struct node *root, const char *set, struct place place,
                        struct diag *diag);

#endif
