/* SPDX-License-Identifier: Apache-2.0
 *
 * A comparison as text and as JSON. The text begins with a digest of at most ten lines: the headline, then the largest
 * changes that are sure, and in its last line the answer. The table of all metrics follows on request. JSON has
 * everything.
 */
#ifndef COMPARE_REPORT_H
#define COMPARE_REPORT_H

#include <jansson.h>
#include <stdbool.h>
#include <stddef.h>
#include <stdio.h>

#include "compare/compare.h"

#define COMPARE_DIGEST_LINES 10

struct compare_layout {
    size_t width; /* characters a line may have; SIZE_MAX: any number. Lines are never longer, down to about 76. */
    bool wants_all, use_colour;
};

/* Prints the digest and, where the layout wants all, a table of every metric for each side. */
void comparison_print(const struct comparison *comparison, const struct compare_layout *layout, FILE *out);

/* Returns {"scenario", "seeds", "threshold_percent", "headline": [METRIC], "designs": [{"scenario", "design", "label",
 * "seed", "seeds", "metrics", "confidence", "unobserved"}], "differences": [{"label", "against", "paired", "pairs",
 * "metrics": {METRIC: {...}}}]}, and "until" where seeds were added. "unobserved" has the number of seeds for each
 * metric that lacks an observation in some. A difference has the half width of the interval that gives its verdict as
 * "confidence", and its standard error and degrees of freedom for any other. */
json_t *comparison_to_json(const struct comparison *comparison);

#endif
