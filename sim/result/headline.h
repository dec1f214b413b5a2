/* SPDX-License-Identifier: Apache-2.0
 *
 * The headline of a scenario: the few metrics that answer its question, in order of importance. The key `headline`
 * names them. Comparisons and reports show them first, and judge them apart from all other metrics.
 */
#ifndef RESULT_HEADLINE_H
#define RESULT_HEADLINE_H

#include <stdbool.h>
#include <stddef.h>

#define HEADLINE_METRICS_MAX 4

struct headline {
    char *metrics[HEADLINE_METRICS_MAX]; /* owned */
    size_t count;
};

/* Appends a copy of the name. The headline must have room. */
void headline_add(struct headline *headline, const char *metric);
void headline_free(struct headline *headline);

bool headline_has(const struct headline *headline, const char *metric);

/* Returns the headline of a resolved scenario (result.resolved); empty where it has none. The caller frees it. */
struct headline headline_read(const char *resolved);

#endif
