/* SPDX-License-Identifier: Apache-2.0
 *
 * Who goes next. The timed policy is the event queue's own order; the others choose among the pending slots.
 */
#ifndef ENGINE_POLICY_H
#define ENGINE_POLICY_H

#include "engine/engine.h"

/* How far ahead of the earliest slot a random choice may reach: long enough to reorder a few interrupt paths, short
 * enough that a timer of a second does not fire while a lock is held. [E] */
#define POLICY_WINDOW_CYCLES 200000u

/* Some pending slot's key, each with the same probability; UINT64_MAX when none is due before the horizon. */
uint64_t policy_random_next(struct engine *engine);

#endif
