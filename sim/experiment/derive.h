/* SPDX-License-Identifier: Apache-2.0
 *
 * Which rows a formula speaks of.
 */
#ifndef EXPERIMENT_DERIVE_H
#define EXPERIMENT_DERIVE_H

#include "experiment/rows.h"

/* Whether the row fulfils one condition, or all of a name after those of `at`. A NULL name has none. */
bool condition_holds(const struct formula_condition *condition, const struct experiment_row *row);
/* Whether a number fulfils the relation of a condition. */
bool number_holds(const struct formula_condition *condition, struct quotient value);
bool conditions_hold(const struct formula *name, const struct experiment_row *row);

/* Returns the label of the row as a number: "10us" in s. */
struct quotient label_value(const struct experiment_row *row, size_t axis);

#endif
