/* SPDX-License-Identifier: Apache-2.0
 *
 * The timed policy: the earliest slot, and of equal times the one registered first. This is the top of the event queue.
 */
#include <stddef.h>

#include "engine/policy.h"

const struct engine_policy engine_policy_timed = { .choose = NULL };
