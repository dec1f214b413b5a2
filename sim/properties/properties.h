/* SPDX-License-Identifier: Apache-2.0
 *
 * What must not hold of a state in which nothing is pending any more. One file each. What modelled code itself reports
 * (its BUGs, list corruptions, uses after free) comes through model_violation.
 */
#ifndef PROPERTIES_PROPERTIES_H
#define PROPERTIES_PROPERTIES_H

#include "explore/search.h"

/* CPUs that wait for a value which nobody will ever store. */
bool property_deadlock(const struct machine *machine, struct violation *violation);

/* A device whose event no guest handler has seen. */
bool property_lost_interrupt(const struct machine *machine, struct violation *violation);

/* All of them, in the order in which they are asked; ends with NULL. */
extern explore_property *const properties_all[];

#endif
