/* SPDX-License-Identifier: Apache-2.0
 *
 * The policies that there are.
 */
#ifndef MACHINE_POLICIES_POLICIES_H
#define MACHINE_POLICIES_POLICIES_H

#include "machine/policy.h"

/* The earliest goes first, and accesses cost what lines cost. */
extern const struct machine_policy policy_timed;

/* As timed, but any slot that is due soon may go first. */
extern const struct machine_policy policy_random;

/* Each access is a choice point, at which whoever explores decides who goes next; time stands still. */
extern const struct machine_policy policy_exhaustive;

const struct machine_policy *policy_find(enum policy policy);

#endif
