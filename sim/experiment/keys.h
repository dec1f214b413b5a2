/* SPDX-License-Identifier: Apache-2.0
 *
 * Numbers among the keys of a resolved scenario ("run.duration", "guests.idle.vcpus"), for formulas.
 */
#ifndef EXPERIMENT_KEYS_H
#define EXPERIMENT_KEYS_H

#include <stdbool.h>

#include "experiment/quotient.h"

/* Finds a key in the text of a resolved scenario. Guests and devices are called by their names. Times are in s, rates
 * in Hz, sizes in bytes. Returns false when there is no such key, or no number in it. */
bool key_value(const char *resolved, const char *path, struct quotient *value);

/* Whether the label of an axis is this value: the same text, or the same number with its unit ("1ms", "1000us"). */
bool label_is(const char *label, const char *value);

#endif
