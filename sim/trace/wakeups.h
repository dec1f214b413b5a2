/* SPDX-License-Identifier: Apache-2.0
 *
 * The slowest wake-ups of a recording: from the wake-up of a vCPU (of a thread where there are no guests) until it
 * runs, and what its pCPU did meanwhile. For recordings that do not tell when interrupts reach a handler.
 */
#ifndef TRACE_WAKEUPS_H
#define TRACE_WAKEUPS_H

#include "trace/recorded.h"
#include "trace/slowest.h"

/* Fills an initialised, empty `slowest` with wake-ups that end in from..until. */
void wakeups_slowest(struct recorded *recorded, cycles from, cycles until, struct slowest *slowest);

#endif
