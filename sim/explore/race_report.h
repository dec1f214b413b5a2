/* SPDX-License-Identifier: Apache-2.0
 *
 * Prints the races that explorations of a code object have found (code/races.h).
 */
#ifndef EXPLORE_RACE_REPORT_H
#define EXPLORE_RACE_REPORT_H

#include <jansson.h>
#include <stdio.h>

struct races;
struct scenario;

/* For each race the memory, and for each place that accesses it the kind of access, pCPUs, interrupts, locks held each
 * time, and the stack. Boots a world for the names of objects and locks. Nothing where there is no code object. */
void race_report_print(const struct scenario *scenario, const char *design, struct races *races, FILE *stream);

/* [{"memory", "interrupt", "atomic", "sites": [{"access", "cpus", "interrupts", "locks", "stack"}]}]; "stack" holds
 * texts "FILE:LINE FUNCTION", innermost first. The caller owns the reference. */
json_t *race_report_json(const struct scenario *scenario, const char *design, struct races *races);

#endif
