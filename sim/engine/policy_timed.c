/* SPDX-License-Identifier: Apache-2.0
 *
 * The timed policy: the earliest slot, of equal times the one registered first. The event queue has it on top.
 */
#include <stddef.h>

#include "engine/policy.h"

const struct engine_policy engine_policy_timed = { .choose = NULL };
