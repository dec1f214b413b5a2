/* SPDX-License-Identifier: Apache-2.0
 *
 * Statistics for reports: means with Student-t intervals, paired and Welch differences, intervals that hold together,
 * how many observations a test needs, batch means.
 * Values are summed in the given order, so the same values give the same numbers. Floating point is used for reports
 * only; result files contain integers.
 */
#ifndef RESULT_STATISTICS_H
#define RESULT_STATISTICS_H

#include <stddef.h>

#define STATISTICS_CONFIDENCE 0.95
#define STATISTICS_POWER 0.8

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

/* The same for one of `count` intervals that together contain all true values with a probability of at least 95 %
 * (Bonferroni): each has the confidence 1 - 0.05 / count. count >= 1. */
double statistics_joint_half_width(const struct statistics_estimate *estimate, size_t count);

/* Returns the two-sided p-value of the hypothesis that the true value lies within +-margin. */
double statistics_p_value(const struct statistics_estimate *estimate, double margin);

/* Returns the smallest number of observations, up to `most`, with which the joint interval of `count` estimates would
 * show where the true value lies: wholly beyond +-margin when the estimate is beyond it, otherwise wholly within. It
 * would do so with a probability of STATISTICS_POWER if the true value and spread were those of the estimate, which is
 * of `observations` values, or of as many pairs or values a side. This is the power of the t test, by the noncentral t
 * distribution. Returns 0 when even `most` are too few, or when no spread is known: from fewer than two observations.
 */
size_t statistics_observations_needed(const struct statistics_estimate *estimate, size_t observations, double margin,
                                      size_t count, size_t most);

/* Returns the smallest number of observations, up to `most`, whose joint interval would be at most 2 * half_width wide
 * if the spread were that of the estimate. Returns `most` when more are needed, and when no spread is known. */
size_t statistics_observations_for_width(const struct statistics_estimate *estimate, size_t observations,
                                         double half_width, size_t count, size_t most);

/* Returns P(T > t) of Student's t distribution. degrees > 0. */
double statistics_t_upper_tail(double t, double degrees);

/* Returns P(T > t) of the noncentral t distribution: T = (Z + noncentrality) / sqrt(V / degrees), with a standard
 * normal Z and a chi-square V of `degrees` degrees of freedom. degrees >= 1. The absolute error is below 1e-6 where
 * t * t < 2500 * degrees. */
double statistics_noncentral_t_upper_tail(double t, double degrees, double noncentrality);

/* Returns the t with P(T <= t) = probability; 0 < probability < 1, degrees > 0. */
double statistics_t_quantile(double probability, double degrees);

#endif
