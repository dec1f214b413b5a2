/* SPDX-License-Identifier: Apache-2.0
 *
 * Comparison of groups of results, metric by metric. The first side is the base. Where two sides have the same seeds,
 * their runs used the same random draws and differences are paired by seed; otherwise Welch's interval is used. A
 * verdict states whether the difference is significantly beyond a margin of threshold percent of the base. p-values are
 * corrected by Holm's method for the number of tested metrics, so that false alarms stay unlikely.
 */
#ifndef COMPARE_COMPARE_H
#define COMPARE_COMPARE_H

#include <jansson.h>
#include <stdbool.h>
#include <stddef.h>
#include <stdio.h>

#include "result/result.h"
#include "result/statistics.h"

/* Results that differ only in their seeds. The array is owned, the results are borrowed. */
struct compare_side {
    const char *label;
    const struct result **results; /* ascending by seed */
    size_t count;
};

enum compare_verdict {
    VERDICT_NONE, /* a neutral metric, one that one of the sides does not report, or one that neither has observed */
    VERDICT_SAME, /* the interval lies within the margin */
    VERDICT_BETTER,
    VERDICT_WORSE,
    VERDICT_INCONCLUSIVE, /* the interval contains a limit of the margin, or there is no interval */
    VERDICT_UNOBSERVED,   /* a seed of either side has no observation: nothing was delivered, for example. The others
                             are no fair sample then, so their difference is shown but not judged. */
};

/* The difference of one side from the base. */
struct compare_difference {
    struct statistics_estimate estimate; /* over the seeds with an observation; its value is NaN when there is none */
    double half_width;                   /* infinite with fewer than two pairs */
    double percent;                      /* of the base's mean; NaN when that is 0 */
    double p_value;                      /* adjusted; NaN when not tested */
    enum compare_verdict verdict;
};

struct compare_row {
    const char *metric;                     /* borrowed from a result */
    struct statistics_estimate *means;      /* [side_count], over the seeds with an observation */
    size_t *unobserved;                     /* [side_count]: seeds without an observation; 0 when the side does not
                                               report the metric in any seed */
    struct compare_difference *differences; /* [side_count]; [0] is unused */
};

struct comparison {
    struct compare_side *sides;
    size_t side_count;
    struct compare_row *rows; /* in the order of reports */
    size_t row_count;
    double threshold_percent;
    size_t tested_count; /* number of p-values in Holm's correction */
};

/* Initialise a side, and add a result in order of seeds. The label and the result are borrowed. */
void compare_side_init(struct compare_side *side, const char *label);
void compare_side_add(struct compare_side *side, const struct result *result);

/* Compares sides[1..side_count) with sides[0] and takes ownership of all sides. side_count >= 1. */
void comparison_make(struct comparison *comparison, struct compare_side *sides, size_t side_count,
                     double threshold_percent);
void comparison_free(struct comparison *comparison);

/* Returns whether both sides have the same seeds, each of them once. */
bool compare_is_paired(const struct compare_side *base, const struct compare_side *other);

size_t comparison_verdict_count(const struct comparison *comparison, enum compare_verdict verdict);
const char *compare_verdict_name(enum compare_verdict verdict);

/* Prints a table. Unless `wants_all`, metrics that are identical in all runs are only counted. */
void comparison_print(const struct comparison *comparison, FILE *out, bool wants_all, bool use_colour);

/* Returns {"scenario","seeds","designs":[{"scenario","design","seed","metrics","confidence","unobserved"}],
 * "differences":[...]}. "unobserved" has the number of seeds for each metric that lacks an observation in some. */
json_t *comparison_to_json(const struct comparison *comparison);

#endif
