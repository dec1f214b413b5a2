/* SPDX-License-Identifier: Apache-2.0
 *
 * The scheduling policy, which selects the next slot. Each policy is one object in a file of its own.
 */
#ifndef ENGINE_POLICY_H
#define ENGINE_POLICY_H

#include <stdint.h>

struct engine;

struct engine_policy {
    /* Returns the key of the next slot, or UINT64_MAX when none is due before the horizon. NULL: the earliest slot, in
     * the event queue's own order, without a call. */
    uint64_t (*choose)(struct engine *engine);
};

/* The earliest slot goes first. */
extern const struct engine_policy engine_policy_timed;

/* Seeded random choice among the slots due within a window of the earliest; the clock never goes back. The window is
 * long enough to reorder a few interrupt paths, and short enough that a timer of a second does not fire while a lock is
 * held. [E] */
#define POLICY_WINDOW_CYCLES 200000u
extern const struct engine_policy engine_policy_random;

/* The caller of engine_step selects the slot; time stands still. */
extern const struct engine_policy engine_policy_exhaustive;

#endif
