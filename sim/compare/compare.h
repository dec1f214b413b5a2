/* SPDX-License-Identifier: Apache-2.0
 *
 * Comparison of groups of results, metric by metric. The first side is the base. Where both sides have the same seeds
 * they saw the same random draws, and differences are taken seed by seed; otherwise Welch's interval is used.
 * A verdict asks whether the difference is surely beyond a margin of threshold percent of the base; p-values are
 * corrected for the number of metrics judged (Holm), so that many metrics do not make a false alarm likely.
 */
#ifndef COMPARE_COMPARE_H
#define COMPARE_COMPARE_H

#include <jansson.h>
#include <stdbool.h>
#include <stddef.h>
#include <stdio.h>

#include "result/result.h"
#include "result/statistics.h"

/* Results of one cell that differ in their seeds alone. The array is owned, the results are borrowed. */
struct compare_side {
    const char *label;
    const struct result **results; /* ascending by seed */
    size_t count;
};

enum compare_verdict {
    VERDICT_NONE, /* a neutral metric, or one that a side does not have */
    VERDICT_SAME, /* the interval lies within the margin */
    VERDICT_BETTER,
    VERDICT_WORSE,
    VERDICT_INCONCLUSIVE, /* the interval reaches across the margin, or there is none */
};

/* Of one side against the base. */
struct compare_difference {
    struct statistics_estimate estimate; /* value NaN when one of them has no observation */
    double half_width;                   /* infinite with fewer than two pairs */
    double percent;                      /* of the base's mean; NaN when that is 0 */
    double p_value;                      /* adjusted; NaN when not judged */
    enum compare_verdict verdict;
};

struct compare_row {
    const char *metric;                     /* borrowed from a result */
    struct statistics_estimate *means;      /* [side_count] */
    struct compare_difference *differences; /* [side_count]; [0] is unused */
};

struct comparison {
    struct compare_side *sides;
    size_t side_count;
    struct compare_row *rows; /* in the order of reports */
    size_t row_count;
    double threshold_percent;
    size_t judged_count; /* p-values that Holm's correction spans */
};

/* Adds a side's results; sorted by seed. The label is borrowed. */
void compare_side_init(struct compare_side *side, const char *label);
void compare_side_add(struct compare_side *side, const struct result *result);

/* Takes over sides[0..side_count), side_count >= 1. */
void comparison_make(struct comparison *comparison, struct compare_side *sides, size_t side_count,
                     double threshold_percent);
void comparison_free(struct comparison *comparison);

/* True when both have the same seeds, each once. */
bool compare_is_paired(const struct compare_side *base, const struct compare_side *other);

size_t comparison_verdict_count(const struct comparison *comparison, enum compare_verdict verdict);
const char *compare_verdict_name(enum compare_verdict verdict);

/* Metrics that are identical in all runs are counted only, unless `wants_all`. */
void comparison_print(const struct comparison *comparison, FILE *out, bool wants_all, bool use_colour);

/* {"scenario","seeds","designs":[{"scenario","design","seed","metrics","confidence"}],"differences":[...]} */
json_t *comparison_to_json(const struct comparison *comparison);

#endif
