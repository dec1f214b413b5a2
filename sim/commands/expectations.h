/* SPDX-License-Identifier: Apache-2.0
 *
 * What a command makes of the expectations that are not met: a line on stderr each, and its exit code.
 */
#ifndef EXPECTATIONS_H
#define EXPECTATIONS_H

#include "result/expect.h"

/* Evaluates all, prints one line each for those not met to stderr, and returns the exit code: EXIT_CODE_OK,
 * EXIT_CODE_FAILED, or EXIT_CODE_USAGE when a metric is unknown. `label` ("softirq-requeue") is prefixed unless NULL.
 */
int expectations_check(const struct expectation *expectations, size_t count, const struct metrics *metrics,
                       const char *label);

#endif
