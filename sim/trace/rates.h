/* SPDX-License-Identifier: Apache-2.0
 *
 * What a recording that counts and does not time says of interrupts: their rates, and the pCPUs on which they come.
 */
#ifndef TRACE_RATES_H
#define TRACE_RATES_H

#include <stdio.h>

#include "trace/recorded.h"

/* Prints a row for each line and pCPU, the most frequent first. */
void rates_report(const struct recorded *recorded, FILE *out, bool use_colour);

#endif
