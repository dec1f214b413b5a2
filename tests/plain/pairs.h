/* SPDX-License-Identifier: Apache-2.0
 *
 * Pairs of recorded accesses that nothing orders (Eraser's rule, extended by interrupts): one of them writes, and two
 * CPUs make them without a lock or an owner in common; or a handler makes one of them and the same CPU, with interrupts
 * on and outside of handlers, the other.
 */
#ifndef PLAIN_PAIRS_H
#define PLAIN_PAIRS_H

#include <stddef.h>
#include <stdio.h>

/* Adds the pairs among the present records, of this scenario. */
void pairs_add(const char *scenario);

/* Prints those that the file does not explain, and its rows that explain none, and returns the number of both. A row is
 * "cpus FIELD" or "interrupt FIELD", a pattern of the shell for all fields that begin so; what follows it, indented, is
 * why. */
size_t pairs_print(const char *explained, FILE *stream);

#endif
