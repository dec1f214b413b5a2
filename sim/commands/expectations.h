/* SPDX-License-Identifier: Apache-2.0
 *
 * Reports the expectations that are not met, one line each on stderr, and determines the exit code of a command.
 */
#ifndef EXPECTATIONS_H
#define EXPECTATIONS_H

#include "report/cases.h"
#include "result/expect.h"

/* Evaluates all expectations and prints a line to stderr for each that is not met. Returns EXIT_CODE_OK,
 * EXIT_CODE_FAILED, or EXIT_CODE_USAGE when a metric is unknown. Lines begin with `label` ("softirq-requeue") unless it
 * is NULL. Each is a case of `suite`, unless `cases` is NULL. */
int expectations_check(const struct expectation *expectations, size_t count, const struct metrics *metrics,
                       const char *label, struct cases *cases, const char *suite);

#endif
