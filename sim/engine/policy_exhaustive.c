/* SPDX-License-Identifier: Apache-2.0
 *
 * The exhaustive policy: whoever explores names the slot (engine_step). An actor that parks finds nobody to go next,
 * and the explorer has the CPU again.
 */
#include "engine/policy.h"

static uint64_t nobody(struct engine *engine)
{
    (void)engine;
    return UINT64_MAX;
}

const struct engine_policy engine_policy_exhaustive = { .choose = nobody };
