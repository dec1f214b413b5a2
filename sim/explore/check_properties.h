/* SPDX-License-Identifier: Apache-2.0
 *
 * Checks the properties and the model's invariants in the live state of an exploration.
 */
#ifndef EXPLORE_CHECK_PROPERTIES_H
#define EXPLORE_CHECK_PROPERTIES_H

#include "explore/search.h"

/* Whether the state is an end: nothing is pending. */
static inline bool explore_is_end(const struct engine *engine) { return engine_is_over(engine); }

/* Checks the properties that hold in every state and, in an end, those that hold in ends. Returns true when one is
 * violated and describes the first in `violation`. Unless the subject is strict, violated weak properties only
 * increment `suspicious`. */
bool explore_check_properties(const struct explore_subject *subject, struct violation *violation, uint64_t *suspicious);

#endif
