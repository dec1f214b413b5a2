/* SPDX-License-Identifier: Apache-2.0
 *
 * Who goes next: one object a policy, a file each.
 */
#ifndef ENGINE_POLICY_H
#define ENGINE_POLICY_H

#include <stdint.h>

struct engine;

struct engine_policy {
    /* The key of the slot that goes next, UINT64_MAX when none is due before the horizon. NULL: the earliest one, which
     * is the event queue's own order and costs no call. */
    uint64_t (*choose)(struct engine *engine);
};

/* The earliest goes first. */
extern const struct engine_policy engine_policy_timed;

/* Any slot that is due within a window of the earliest, seeded; time only never goes back. The window is long enough to
 * reorder a few interrupt paths, short enough that a timer of a second does not fire while a lock is held. [E] */
#define POLICY_WINDOW_CYCLES 200000u
extern const struct engine_policy engine_policy_random;

/* Whoever engine_step names; time stands still. */
extern const struct engine_policy engine_policy_exhaustive;

#endif
