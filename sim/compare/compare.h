/* SPDX-License-Identifier: Apache-2.0
 *
 * Comparison of groups of results, metric by metric. The first side is the base. Runs with the same seed used the same
 * random draws, so differences are paired by seed; only sides that share fewer than two seeds are compared as
 * independent samples, by Welch's interval.
 *
 * Every difference has one interval, which is shown and which gives the verdict: wholly beyond a margin of threshold
 * percent of the base it is better or worse, wholly within it is the same, otherwise it is inconclusive. The intervals
 * of a family hold together with 95 % (Bonferroni), so that false alarms stay unlikely however many metrics there are.
 * The metrics of the scenario's headline, which are chosen before the runs, are a family of their own; all others are
 * the second one.
 */
#ifndef COMPARE_COMPARE_H
#define COMPARE_COMPARE_H

#include <stdbool.h>
#include <stddef.h>

#include "result/headline.h"
#include "result/result.h"
#include "result/statistics.h"

/* More seeds than these are not worth an estimate. */
#define COMPARE_SEEDS_MAX 1000

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
    double half_width; /* of the joint interval of the metric's family; infinite with fewer than two pairs */
    double base_mean;  /* the base's mean over the seeds of the estimate; percentages are of it */
    double percent;    /* NaN when the base's mean is 0 */
    double p_value;    /* times the number of tests in the family, at most 1; NaN when not tested */
    enum compare_verdict verdict;
    size_t seeds_needed; /* of VERDICT_INCONCLUSIVE: about so many seeds would show it, see
                            statistics_observations_needed; more than COMPARE_SEEDS_MAX: not even these; 0: unknown */
};

enum compare_family { COMPARE_HEADLINE, COMPARE_OTHERS, COMPARE_FAMILIES };

struct compare_row {
    const char *metric; /* borrowed from a result */
    enum compare_family family;
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
    double until_percent;                  /* width that seeds were added for, see until.h; 0: none */
    struct headline headline;              /* of the first side that has one */
    size_t tested_count[COMPARE_FAMILIES]; /* number of differences that have a test, of all sides */
};

/* Initialise a side, and add a result in order of seeds. The label and the result are borrowed. */
void compare_side_init(struct compare_side *side, const char *label);
void compare_side_add(struct compare_side *side, const struct result *result);

/* Compares sides[1..side_count) with sides[0] and takes ownership of all sides. side_count >= 1. */
void comparison_make(struct comparison *comparison, struct compare_side *sides, size_t side_count,
                     double threshold_percent);
void comparison_free(struct comparison *comparison);

/* Returns the number of seeds that both sides have; 0 when a side has one of them twice. */
size_t compare_pair_count(const struct compare_side *base, const struct compare_side *other);

/* Returns whether differences are paired: the sides share two seeds or more, or the only one of a side. */
bool compare_is_paired(const struct compare_side *base, const struct compare_side *other);

/* Returns the row of the metric, or NULL. */
const struct compare_row *comparison_find(const struct comparison *comparison, const char *metric);

size_t comparison_verdict_count(const struct comparison *comparison, enum compare_verdict verdict);
const char *compare_verdict_name(enum compare_verdict verdict);

#endif
