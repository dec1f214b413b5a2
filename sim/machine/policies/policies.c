/* SPDX-License-Identifier: Apache-2.0
 *
 * Maps enum policy, the value of a scenario's run.policy, to the policy object.
 */
#include "machine/policies/policies.h"

const struct machine_policy *policy_find(enum policy policy)
{
    static const struct machine_policy *const policies[] = {
        [POLICY_TIMED] = &policy_timed,
        [POLICY_RANDOM] = &policy_random,
        [POLICY_EXHAUSTIVE] = &policy_exhaustive,
        [POLICY_EXHAUSTIVE_TSO] = &policy_exhaustive_tso,
    };

    return policies[policy];
}
