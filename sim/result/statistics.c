/* SPDX-License-Identifier: Apache-2.0
 *
 * Student's t distribution by the regularised incomplete beta function, a continued fraction that is evaluated with
 * Lentz's method where it converges fast. Quantiles are found by bisection, which needs no initial guess and always
 * converges.
 */
#define _GNU_SOURCE
#include "result/statistics.h"

#include <math.h>
#include <stdlib.h>

#include "base/check.h"

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
    if (!(estimate->degrees > 0))
        return INFINITY;
    if (!(estimate->standard_error > 0))
        return 0;
    return estimate->standard_error * statistics_t_quantile(0.5 + STATISTICS_CONFIDENCE / 2, estimate->degrees);
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

struct ranked_p {
    double value;
    size_t index;
};

static int ranked_p_compare(const void *left, const void *right)
{
    const struct ranked_p *a = left, *b = right;
    if (a->value != b->value)
        return a->value < b->value ? -1 : 1;
    return a->index < b->index ? -1 : a->index > b->index;
}

void statistics_holm(double *p_values, size_t count)
{
    struct ranked_p *ranked = malloc((count + 1) * sizeof *ranked);
    CHECK(ranked != NULL);

    size_t taking_part = 0;
    for (size_t i = 0; i < count; i++)
        if (!isnan(p_values[i]))
            ranked[taking_part++] = (struct ranked_p){ p_values[i], i };
    qsort(ranked, taking_part, sizeof *ranked, ranked_p_compare);

    double running_maximum = 0;
    for (size_t rank = 0; rank < taking_part; rank++) {
        double adjusted = fmin(1, ranked[rank].value * (double)(taking_part - rank));
        running_maximum = fmax(running_maximum, adjusted);
        p_values[ranked[rank].index] = running_maximum;
    }
    free(ranked);
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
