/* SPDX-License-Identifier: Apache-2.0
 *
 * Statistics for reports: means with Student-t intervals, paired and Welch differences, Holm's correction, batch means.
 * Values are summed in the given order, so the same values give the same numbers. Floating point is used for reports
 * only; result files contain integers.
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

/* An estimate, its standard error, and the degrees of freedom of the standard error. */
struct statistics_estimate {
    double value;
    double standard_error;
    double degrees; /* 0: the error is unknown, as there are fewer than two observations */
};

struct statistics_sample statistics_sample(const double *values, size_t count);

/* Estimates the mean of independent values. */
struct statistics_estimate statistics_mean(const double *values, size_t count);

/* Estimates the mean of a long correlated series. The series is divided into `batches` equal parts, whose means are
 * treated as independent. Values that do not fill a part are dropped at the front, where the warm-up has most
 * influence. batches >= 2. The estimate has 0 degrees when there are fewer values than batches. */
struct statistics_estimate statistics_batch_means(const double *values, size_t count, size_t batches);

/* Estimates the mean of new_values[i] - base[i], where both runs used the same random draws. */
struct statistics_estimate statistics_paired(const double *base, const double *new_values, size_t count);

/* Estimates mean(new_values) - mean(base) for independent samples with different variances. */
struct statistics_estimate statistics_welch(const double *base, size_t base_count, const double *new_values,
                                            size_t new_count);

/* Slope and intercept of the line of least squares through (x[i], y[i]), with independent errors of one variance. Both
 * are NaN when there are fewer than two different x; the errors are unknown when there are fewer than three points. */
struct statistics_line {
    struct statistics_estimate slope, intercept;
};
struct statistics_line statistics_line(const double *x, const double *y, size_t count);

/* Returns half the width of the two-sided 95 % confidence interval; infinite when degrees is 0. */
double statistics_half_width(const struct statistics_estimate *estimate);

/* Returns the two-sided p-value of the hypothesis that the true value lies within +-margin. */
double statistics_p_value(const struct statistics_estimate *estimate, double margin);

/* Returns P(T > t) of Student's t distribution. degrees > 0. */
double statistics_t_upper_tail(double t, double degrees);

/* Returns the t with P(T <= t) = probability; 0 < probability < 1, degrees > 0. */
double statistics_t_quantile(double probability, double degrees);

/* Replaces the p-values by Holm's adjusted p-values. NaN entries are ignored and left unchanged. */
void statistics_holm(double *p_values, size_t count);

#endif
