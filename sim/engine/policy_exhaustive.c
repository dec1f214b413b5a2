/* SPDX-License-Identifier: Apache-2.0
 *
 * The exhaustive policy: the explorer selects the slot (engine_step). An actor that parks finds no next slot, so that
 * control returns to the explorer.
 */
#include "engine/policy.h"

static uint64_t choose_none(struct engine *engine)
{
    (void)engine;
    return UINT64_MAX;
}

const struct engine_policy engine_policy_exhaustive = { .choose = choose_none };
