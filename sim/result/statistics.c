/* SPDX-License-Identifier: Apache-2.0
 *
 * Student's t distribution by the regularised incomplete beta function, a continued fraction that is evaluated with
 * Lentz's method where it converges fast. Quantiles are found by bisection, which needs no initial guess and always
 * converges.
 */
#define _GNU_SOURCE
#include "result/statistics.h"

#include <math.h>
#include <stdbool.h>
#include <stdlib.h>

#include "base/check.h"

enum { NONCENTRAL_STEPS = 2000 }; /* even */

static double incomplete_beta(double x, double complement, double a, double b);

struct statistics_sample statistics_sample(const double *values, size_t count)
{
    struct statistics_sample sample = { .count = count, .mean = NAN };
    double mean = 0, squares = 0;

    for (size_t i = 0; i < count; i++) {
        CHECK(isfinite(values[i]));
        double delta = values[i] - mean;
        mean += delta / (double)(i + 1);
        squares += delta * (values[i] - mean);
    }
    if (count > 0)
        sample.mean = mean;
    if (count > 1)
        sample.variance = squares / (double)(count - 1);
    return sample;
}

struct statistics_estimate statistics_mean(const double *values, size_t count)
{
    struct statistics_sample sample = statistics_sample(values, count);
    struct statistics_estimate estimate = { .value = sample.mean };

    if (count > 1) {
        estimate.standard_error = sqrt(sample.variance / (double)count);
        estimate.degrees = (double)(count - 1);
    }
    return estimate;
}

struct statistics_estimate statistics_batch_means(const double *values, size_t count, size_t batches)
{
    CHECK(batches >= 2);
    size_t length = count / batches;
    if (length == 0)
        return (struct statistics_estimate){ .value = statistics_sample(values, count).mean };

    double *means = malloc(batches * sizeof *means);
    CHECK(means != NULL);
    const double *first = values + count % batches;
    for (size_t batch = 0; batch < batches; batch++)
        means[batch] = statistics_sample(first + batch * length, length).mean;
    struct statistics_estimate estimate = statistics_mean(means, batches);
    free(means);
    return estimate;
}

struct statistics_estimate statistics_paired(const double *base, const double *new_values, size_t count)
{
    double *differences = calloc(count + 1, sizeof *differences);

    CHECK(differences != NULL);
    for (size_t i = 0; i < count; i++)
        differences[i] = new_values[i] - base[i];
    struct statistics_estimate estimate = statistics_mean(differences, count);
    free(differences);
    return estimate;
}

struct statistics_estimate statistics_welch(const double *base, size_t base_count, const double *new_values,
                                            size_t new_count)
{
    struct statistics_sample first = statistics_sample(base, base_count);
    struct statistics_sample second = statistics_sample(new_values, new_count);
    struct statistics_estimate estimate = { .value = second.mean - first.mean };

    if (base_count < 2 || new_count < 2)
        return estimate;
    double a = first.variance / (double)base_count;
    double b = second.variance / (double)new_count;
    estimate.standard_error = sqrt(a + b);
    if (a + b > 0)
        estimate.degrees = (a + b) * (a + b) / (a * a / (double)(base_count - 1) + b * b / (double)(new_count - 1));
    else
        estimate.degrees = (double)(base_count + new_count - 2);
    return estimate;
}

struct statistics_line statistics_line(const double *x, const double *y, size_t count)
{
    double center = statistics_sample(x, count).mean, level = statistics_sample(y, count).mean;
    double squares = 0, products = 0, rest = 0;
    struct statistics_line line = { { NAN, 0, 0 }, { NAN, 0, 0 } };

    for (size_t i = 0; i < count; i++) {
        squares += (x[i] - center) * (x[i] - center);
        products += (x[i] - center) * (y[i] - level);
    }
    if (!(squares > 0))
        return line;
    line.slope.value = products / squares;
    line.intercept.value = level - line.slope.value * center;
    for (size_t i = 0; i < count; i++) {
        double error = y[i] - level - line.slope.value * (x[i] - center);

        rest += error * error;
    }
    if (count < 3)
        return line;
    line.slope.degrees = line.intercept.degrees = (double)(count - 2);
    line.slope.standard_error = sqrt(rest / line.slope.degrees / squares);
    line.intercept.standard_error = sqrt(rest / line.slope.degrees * (1 / (double)count + center * center / squares));
    return line;
}

double statistics_half_width(const struct statistics_estimate *estimate)
{
    return statistics_joint_half_width(estimate, 1);
}

/* P(T <= t) at the upper end of one of `count` joint intervals. */
static double joint_probability(size_t count) { return 1 - (1 - STATISTICS_CONFIDENCE) / (2 * (double)count); }

double statistics_joint_half_width(const struct statistics_estimate *estimate, size_t count)
{
    CHECK(count >= 1);
    if (!(estimate->degrees > 0))
        return INFINITY;
    if (!(estimate->standard_error > 0))
        return 0;
    return estimate->standard_error * statistics_t_quantile(joint_probability(count), estimate->degrees);
}

double statistics_p_value(const struct statistics_estimate *estimate, double margin)
{
    CHECK(margin >= 0);
    double excess = fabs(estimate->value) - margin;

    if (!(estimate->degrees > 0) || !(excess > 0))
        return 1;
    if (!(estimate->standard_error > 0))
        return 0;
    return 2 * statistics_t_upper_tail(excess / estimate->standard_error, estimate->degrees);
}

double statistics_t_upper_tail(double t, double degrees)
{
    CHECK(degrees > 0);
    if (t < 0)
        return 1 - statistics_t_upper_tail(-t, degrees);
    double square = t * t;
    return 0.5 * incomplete_beta(degrees / (degrees + square), square / (degrees + square), degrees / 2, 0.5);
}

double statistics_t_quantile(double probability, double degrees)
{
    CHECK(probability > 0 && probability < 1);
    if (probability < 0.5)
        return -statistics_t_quantile(1 - probability, degrees);

    double tail = 1 - probability;
    double low = 0, high = 1;
    while (statistics_t_upper_tail(high, degrees) > tail && high < 1e300)
        high *= 2;
    for (;;) {
        double middle = low + (high - low) / 2;
        if (middle <= low || middle >= high)
            return high;
        if (statistics_t_upper_tail(middle, degrees) > tail)
            low = middle;
        else
            high = middle;
    }
}

double statistics_noncentral_t_upper_tail(double t, double degrees, double noncentrality)
{
    CHECK(degrees >= 1);
    /* P(T > t) is the mean of P(Z > t * w / sqrt(degrees) - noncentrality) over w = sqrt(V), by Simpson's rule in
     * sqrt(w), which is smooth at 0 for any degrees. The density of w has its mass within 6 of sqrt(degrees), as its
     * standard deviation is below .71. */
    double root = sqrt(degrees), low = sqrt(fmax(0, root - 6)), step = (sqrt(root + 6) - low) / NONCENTRAL_STEPS;
    int sign;
    double scale = (1 - degrees / 2) * M_LN2 - lgamma_r(degrees / 2, &sign), sum = 0;

    for (int i = low > 0 ? 0 : 1; i <= NONCENTRAL_STEPS; i++) {
        double u = low + i * step, w = u * u, density = exp(scale + (degrees - 1) * log(w) - w * w / 2);
        double weight = i == 0 || i == NONCENTRAL_STEPS ? 1 : i % 2 == 1 ? 4 : 2;
        sum += weight * 2 * u * density * erfc((t * w / root - noncentrality) / M_SQRT2) / 2;
    }
    return fmin(1, sum * step / 3);
}

/* The estimate as it would be from `n` observations with the same mean and spread. */
static struct statistics_estimate extrapolate(const struct statistics_estimate *estimate, size_t observations, size_t n)
{
    return (struct statistics_estimate){
        .value = estimate->value,
        .standard_error = estimate->standard_error * sqrt((double)observations / (double)n),
        .degrees = estimate->degrees * (double)(n - 1) / (double)(observations - 1),
    };
}

/* What is looked for: the smallest number of observations that is enough. */
struct search {
    const struct statistics_estimate *estimate;
    size_t observations, count;
    double margin;     /* for has_power */
    double half_width; /* for is_narrow */
};

/* Whether the joint interval of n observations shows what the estimate says with a probability of STATISTICS_POWER. */
static bool has_power(const struct search *search, size_t n)
{
    struct statistics_estimate then = extrapolate(search->estimate, search->observations, n);
    double critical = statistics_t_quantile(joint_probability(search->count), then.degrees), value = fabs(then.value);
    double near = (value - search->margin) / then.standard_error;
    double far = (value + search->margin) / then.standard_error;

    if (near > 0)
        return statistics_noncentral_t_upper_tail(critical, then.degrees, near) >= STATISTICS_POWER;
    /* Within the margin: the interval may contain neither limit. The two ways to fail exclude each other or not, so
     * this is a lower bound. */
    return statistics_noncentral_t_upper_tail(critical, then.degrees, -near) +
               statistics_noncentral_t_upper_tail(critical, then.degrees, far) - 1 >=
           STATISTICS_POWER;
}

static bool is_narrow(const struct search *search, size_t n)
{
    struct statistics_estimate then = extrapolate(search->estimate, search->observations, n);

    return statistics_joint_half_width(&then, search->count) <= search->half_width;
}

/* Returns the smallest n from 2 to `most` that is enough, where all above it are, too; otherwise 0. */
static size_t smallest(const struct search *search, bool (*is_enough)(const struct search *search, size_t n),
                       size_t most)
{
    size_t low = 1, high = 2; /* too few, and perhaps enough */

    CHECK(search->count >= 1);
    if (!(search->estimate->degrees > 0) || !(search->estimate->standard_error > 0) || search->observations < 2)
        return 0;
    while (!is_enough(search, high)) {
        if (high >= most)
            return 0;
        low = high;
        high = high * 2 < most ? high * 2 : most;
    }
    while (high - low > 1) {
        size_t middle = low + (high - low) / 2;
        if (is_enough(search, middle))
            high = middle;
        else
            low = middle;
    }
    return high;
}

size_t statistics_observations_needed(const struct statistics_estimate *estimate, size_t observations, double margin,
                                      size_t count, size_t most)
{
    CHECK(margin >= 0);
    /* A spread estimated from few observations is more often too small than too large: its square is that of the truth
     * times chi-square / degrees, whose median is about (1 - 2 / (9 * degrees))^3 (Wilson and Hilferty 1931). */
    struct statistics_estimate fair = *estimate;
    fair.standard_error *= estimate->degrees > 0 ? pow(1 - 2 / (9 * estimate->degrees), -1.5) : 1;
    struct search search = { .estimate = &fair, .observations = observations, .count = count, .margin = margin };
    return smallest(&search, has_power, most);
}

size_t statistics_observations_for_width(const struct statistics_estimate *estimate, size_t observations,
                                         double half_width, size_t count, size_t most)
{
    struct search search = {
        .estimate = estimate, .observations = observations, .count = count, .half_width = half_width
    };
    size_t enough = smallest(&search, is_narrow, most);
    return enough > 0 ? enough : most;
}

/* The continued fraction of Abramowitz and Stegun 26.5.8, evaluated forwards (Lentz's method, modified by Thompson). */
static double beta_fraction(double x, double a, double b)
{
    const double tiny = 1e-300;
    double c = 1, d = 1 - (a + b) * x / (a + 1);
    if (fabs(d) < tiny)
        d = tiny;
    d = 1 / d;
    double fraction = d;

    for (int step = 1; step < 100000; step++) {
        double m = step;
        double even = m * (b - m) * x / ((a + 2 * m - 1) * (a + 2 * m));
        double odd = -(a + m) * (a + b + m) * x / ((a + 2 * m) * (a + 2 * m + 1));
        double terms[2] = { even, odd };
        double factor = 1;
        for (int i = 0; i < 2; i++) {
            d = 1 + terms[i] * d;
            c = 1 + terms[i] / c;
            if (fabs(d) < tiny)
                d = tiny;
            if (fabs(c) < tiny)
                c = tiny;
            d = 1 / d;
            factor = c * d;
            fraction *= factor;
        }
        if (fabs(factor - 1) < 1e-16)
            break;
    }
    return fraction;
}

/* Returns I_x(a, b). `complement` is 1 - x, a parameter of its own because x may be so near to 1 that the difference
 * would lose all its digits. */
static double incomplete_beta(double x, double complement, double a, double b)
{
    if (x <= 0)
        return 0;
    if (complement <= 0)
        return 1;
    int sign;
    double gammas = lgamma_r(a + b, &sign) - lgamma_r(a, &sign) - lgamma_r(b, &sign);
    double front = exp(gammas + a * log(x) + b * log(complement));
    if (x < (a + 1) / (a + b + 2))
        return front * beta_fraction(x, a, b) / a;
    return 1 - front * beta_fraction(complement, b, a) / b;
}
