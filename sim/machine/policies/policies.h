/* SPDX-License-Identifier: Apache-2.0
 *
 * The list of policies.
 */
#ifndef MACHINE_POLICIES_POLICIES_H
#define MACHINE_POLICIES_POLICIES_H

#include "machine/policy.h"

/* The earliest slot goes first, and accesses cost the time that their lines take. */
extern const struct machine_policy policy_timed;

/* As timed, but any slot within a window of the earliest may go first (engine/policy.h). */
extern const struct machine_policy policy_random;

/* Each access is a choice point, at which the explorer selects the next slot; time stands still. */
extern const struct machine_policy policy_exhaustive;

/* The same, and each pCPU has a store buffer: total store order, as x86 has it. */
extern const struct machine_policy policy_exhaustive_tso;

const struct machine_policy *policy_find(enum policy policy);

#endif
