/* SPDX-License-Identifier: Apache-2.0
 *
 * Statistics of the report: means with Student-t intervals, paired and Welch differences, Holm's correction, batch
 * means. Values are summed in the order given, so the same values give the same numbers. Nothing here reaches a
 * result file; simulated quantities stay integers until they arrive here.
 */
#ifndef RESULT_STATISTICS_H
#define RESULT_STATISTICS_H

#include <stddef.h>

#define STATISTICS_CONFIDENCE 0.95

struct statistics_sample {
    size_t count;
    double mean;     /* NaN when count is 0 */
    double variance; /* unbiased; 0 when count is below 2 */
};

/* An estimate, its standard error and the degrees of freedom of that error. */
struct statistics_estimate {
    double value;
    double standard_error;
    double degrees; /* 0: the error is unknown (fewer than two observations) */
};

struct statistics_sample statistics_sample(const double *values, size_t count);

/* The mean of independent values. */
struct statistics_estimate statistics_mean(const double *values, size_t count);

/* The mean of one long correlated series: the series is cut into `batches` equal parts (the rest at the front is
 * dropped, as it is the least warmed up) whose means are taken as independent. batches >= 2; degrees 0 when there are
 * fewer values than batches. */
struct statistics_estimate statistics_batch_means(const double *values, size_t count, size_t batches);

/* Mean of new[i] - base[i]: both sides saw the same draws. */
struct statistics_estimate statistics_paired(const double *base, const double *new_values, size_t count);

/* mean(new) - mean(base) of independent samples with different variances. */
struct statistics_estimate statistics_welch(const double *base, size_t base_count, const double *new_values,
                                            size_t new_count);

/* Half the width of the two-sided 95 % interval; infinite when degrees is 0. */
double statistics_half_width(const struct statistics_estimate *estimate);

/* Two-sided p-value of "the true value lies within +-margin". */
double statistics_p_value(const struct statistics_estimate *estimate, double margin);

/* P(T > t) of Student's t. degrees > 0. */
double statistics_t_upper_tail(double t, double degrees);

/* The t with P(T <= t) = probability; 0 < probability < 1, degrees > 0. */
double statistics_t_quantile(double probability, double degrees);

/* Replaces p-values by Holm's adjusted ones; NaN entries take no part and stay. */
void statistics_holm(double *p_values, size_t count);

#endif
