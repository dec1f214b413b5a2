/* SPDX-License-Identifier: Apache-2.0
 *
 * Reference values of the t distribution are from printed tables. Where GSL is installed the values are checked against
 * it as well; GSL is opened at run time, so that neither the build nor the program depends on it.
 */
#define _GNU_SOURCE
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <cmocka.h>

#include <dlfcn.h>
#include <math.h>
#include <stdbool.h>

#include "base/rng.h"
#include "result/statistics.h"

static void assert_near(double got, double expected, double relative)
{
    if (!(fabs(got - expected) <= relative * fmax(fabs(expected), 1e-12)))
        fail_msg("got %.17g, expected %.17g", got, expected);
}

static void t_quantile_matches_tables(void **state)
{
    (void)state;
    static const struct {
        double probability, degrees, t;
    } rows[] = {
        { 0.975, 1, 12.706204736432095 },  { 0.975, 2, 4.302652729911275 },
        { 0.975, 4, 2.7764451051977987 },  { 0.975, 9, 2.2621571628540993 },
        { 0.975, 29, 2.045229642132703 },  { 0.975, 100, 1.9839715184496334 },
        { 0.975, 1e6, 1.9599663569861 },   { 0.95, 10, 1.8124611228107335 },
        { 0.995, 7, 3.4994832973505026 },  { 0.75, 1, 1.0 },
        { 0.025, 9, -2.2621571628540993 },
    };
    for (size_t i = 0; i < sizeof rows / sizeof rows[0]; i++)
        assert_near(statistics_t_quantile(rows[i].probability, rows[i].degrees), rows[i].t, 1e-9);
    assert_near(statistics_t_upper_tail(0, 5), 0.5, 1e-15);
    assert_near(statistics_t_upper_tail(1, 1), 0.25, 1e-14);
    assert_near(statistics_t_upper_tail(-1, 1), 0.75, 1e-14);
    assert_near(statistics_t_upper_tail(1e-9, 3), 0.5, 1e-8);
}

static double (*gsl_t_inverse)(double, double), (*gsl_t_tail)(double, double), (*gsl_normal)(double);
static double (*gsl_beta)(double, double, double), (*gsl_poisson)(unsigned, double);

static void find_gsl(void *library, const char *name, void *function)
{
    *(void **)function = dlsym(library, name);
    assert_non_null(*(void **)function);
}

/* Whether GSL is installed. It stays open. */
static bool open_gsl(void)
{
    dlopen("libgslcblas.so.0", RTLD_LAZY | RTLD_GLOBAL);
    void *library = dlopen("libgsl.so.27", RTLD_LAZY);
    if (library == NULL)
        return false;
    find_gsl(library, "gsl_cdf_tdist_Pinv", &gsl_t_inverse);
    find_gsl(library, "gsl_cdf_tdist_Q", &gsl_t_tail);
    find_gsl(library, "gsl_cdf_ugaussian_P", &gsl_normal);
    find_gsl(library, "gsl_cdf_beta_P", &gsl_beta);
    find_gsl(library, "gsl_ran_poisson_pdf", &gsl_poisson);
    return true;
}

static void t_agrees_with_gsl(void **state)
{
    (void)state;
    if (!open_gsl())
        skip();
    for (double degrees = 1; degrees < 5000; degrees *= 1.37) {
        for (double p = 0.501; p < 0.9999; p += 0.0317)
            assert_near(statistics_t_quantile(p, degrees), gsl_t_inverse(p, degrees), 1e-8);
        for (double t = 0.01; t < 60; t *= 1.7)
            assert_near(statistics_t_upper_tail(t, degrees), gsl_t_tail(t, degrees), 1e-7);
    }
}

static void sample_is_exact_on_known_sets(void **state)
{
    (void)state;
    static const double shifted[] = { 1e9 + 4, 1e9 + 7, 1e9 + 13, 1e9 + 16 };
    struct statistics_sample sample = statistics_sample(shifted, 4);
    assert_near(sample.mean, 1e9 + 10, 1e-15);
    assert_near(sample.variance, 30, 1e-9);

    sample = statistics_sample(shifted, 1);
    assert_true(sample.mean == 1e9 + 4 && sample.variance == 0);
    assert_true(isnan(statistics_sample(NULL, 0).mean));
}

static void mean_interval(void **state)
{
    (void)state;
    static const double values[] = { 10, 12, 14 }; /* s = 2, so the half width is t(2) * 2/sqrt(3) */
    struct statistics_estimate estimate = statistics_mean(values, 3);
    assert_near(estimate.value, 12, 1e-15);
    assert_near(statistics_half_width(&estimate), 4.302652729911275 * 2 / sqrt(3), 1e-9);

    estimate = statistics_mean(values, 1);
    assert_true(isinf(statistics_half_width(&estimate)));
    static const double same[] = { 5, 5, 5 };
    estimate = statistics_mean(same, 3);
    assert_true(statistics_half_width(&estimate) == 0);
}

/* Pairing removes what both sides share: here the noise is common, and only pairs can see the shift of 1. */
static void pairs_see_what_welch_does_not(void **state)
{
    (void)state;
    static const double base[] = { 10, 50, 90, 20 }, shifted[] = { 11, 51.5, 90.5, 21 };
    struct statistics_estimate paired = statistics_paired(base, shifted, 4);
    struct statistics_estimate welch = statistics_welch(base, 4, shifted, 4);
    assert_near(paired.value, 1, 1e-12);
    assert_near(welch.value, 1, 1e-12);
    assert_true(statistics_half_width(&paired) < 1);
    assert_true(statistics_half_width(&welch) > 40);
    assert_true(statistics_p_value(&paired, 0) < 0.05);
    assert_true(statistics_p_value(&welch, 0) > 0.9);
    assert_true(statistics_p_value(&paired, 1) == 1);
}

static void welch_degrees(void **state)
{
    (void)state;
    /* Variances 2.5 and 10 of five values each: (0.5+2)^2 / (0.25/4 + 4/4) = 100/17. */
    static const double a[] = { 1, 2, 3, 4, 5 }, b[] = { 2, 4, 6, 8, 10 };
    struct statistics_estimate estimate = statistics_welch(a, 5, b, 5);
    assert_near(estimate.value, 3, 1e-14);
    assert_near(estimate.degrees, 100.0 / 17, 1e-12);
    assert_true(statistics_welch(a, 5, b, 1).degrees == 0);
    static const double constant[] = { 3, 3 };
    estimate = statistics_welch(constant, 2, constant, 2);
    assert_true(statistics_half_width(&estimate) == 0 && statistics_p_value(&estimate, 0) == 1);
}

static void batch_means_drop_the_rest_at_the_front(void **state)
{
    (void)state;
    static const double values[] = { 1000, 1, 3, 5, 7, 9, 11 };
    struct statistics_estimate estimate = statistics_batch_means(values, 7, 3); /* 2, 6, 10 */
    assert_near(estimate.value, 6, 1e-14);
    assert_near(estimate.standard_error, 4 / sqrt(3), 1e-14);
    assert_true(estimate.degrees == 2);
    assert_true(statistics_batch_means(values, 2, 3).degrees == 0);
}

static void joint_intervals(void **state)
{
    (void)state;
    static const struct {
        size_t count;
        double degrees, t; /* from tables */
    } rows[] = {
        { 1, 4, 2.7764451051977987 }, { 2, 4, 3.4954059325270547 }, /* 0.9875 */
        { 5, 4, 4.604094871415897 },  { 5, 9, 3.2498355440153697 }, /* 0.995 */
        { 50, 9, 4.780912585931145 }, { 1, 1, 12.706204736432095 }, /* 0.9995 */
    };
    for (size_t i = 0; i < sizeof rows / sizeof rows[0]; i++) {
        struct statistics_estimate estimate = { 7, 2, rows[i].degrees };
        assert_near(statistics_joint_half_width(&estimate, rows[i].count), 2 * rows[i].t, 1e-9);
    }
    struct statistics_estimate unknown = { 7, 0, 0 }, constant = { 7, 0, 3 };
    assert_true(isinf(statistics_joint_half_width(&unknown, 3)));
    assert_true(statistics_joint_half_width(&constant, 3) == 0);
}

/* The definition, by GSL: the sum over the Poisson probabilities of incomplete betas (Lenth 1989). */
static double noncentral_tail_by_gsl(double t, double degrees, double noncentrality)
{
    double half = noncentrality * noncentrality / 2, x = t * t / (t * t + degrees), sum = 0;

    for (unsigned j = 0; j < half + 40 * sqrt(half) + 60; j++) {
        double p = gsl_poisson(j, half);
        double q = noncentrality / M_SQRT2 * exp(-half + j * log(half) - lgamma(j + 1.5));
        sum += p * gsl_beta(x, j + 0.5, degrees / 2) + q * gsl_beta(x, j + 1.0, degrees / 2);
    }
    return 1 - (gsl_normal(-noncentrality) + sum / 2);
}

static void noncentral_t_agrees_with_gsl(void **state)
{
    (void)state;
    if (!open_gsl())
        skip();
    for (double degrees = 1; degrees < 1500; degrees *= 2.3)
        for (double t = 0.3; t < 45; t *= 1.9)
            for (double noncentrality = 0.05; noncentrality < 60; noncentrality *= 1.7) {
                double got = statistics_noncentral_t_upper_tail(t, degrees, noncentrality);
                double expected = noncentral_tail_by_gsl(t, degrees, noncentrality);
                if (!(fabs(got - expected) < 1e-6))
                    fail_msg("t %g, degrees %g, noncentrality %g: got %.9f, expected %.9f", t, degrees, noncentrality,
                             got, expected);
            }
}

/* Without noncentrality it is Student's distribution, and signs mirror it. */
static void noncentral_t_contains_students(void **state)
{
    (void)state;
    for (double degrees = 1; degrees < 900; degrees *= 1.7)
        for (double t = -40; t < 40; t += 3.7) {
            double central = statistics_noncentral_t_upper_tail(t, degrees, 0);
            double mirrored = 1 - statistics_noncentral_t_upper_tail(-t, degrees, -2);
            assert_true(fabs(central - statistics_t_upper_tail(t, degrees)) < 1e-6);
            assert_true(fabs(statistics_noncentral_t_upper_tail(t, degrees, 2) - mirrored) < 1e-6);
        }
}

/* An estimate of `observations` values with this mean and standard deviation. */
static struct statistics_estimate estimate_of(double mean, double deviation, size_t observations)
{
    return (struct statistics_estimate){ mean, deviation / sqrt((double)observations), (double)observations - 1 };
}

/* Sample sizes of printed tables (Cohen 1988, power 80 %, one sample, two-sided 5 %), and limits. */
static void observations_needed(void **state)
{
    (void)state;
    static const struct {
        double mean, deviation, margin;
        size_t observations, count, most, needed;
    } rows[] = {
        { 0.5, 1, 0, 1000000, 1, 1000, 34 }, /* a million values: the deviation is known */
        { 0.8, 1, 0, 1000000, 1, 1000, 15 },   { 1.0, 1, 0, 1000000, 1, 1000, 10 },
        { 0.2, 1, 0, 1000000, 1, 1000, 199 },  { -0.5, 1, 0, 1000000, 1, 1000, 34 }, /* the direction does not matter */
        { 0.7, 1, 0.2, 1000000, 1, 1000, 34 },                                       /* nor where zero is */
        { 0.2, 1, 0, 1000000, 1, 198, 0 },                                           /* more than `most` */
        { 0.2, 1, 0, 1000000, 1, 199, 199 },   { 0.1, 1, 0.1, 1000000, 1, 1000, 0 }, /* at the margin: never */
        { 50, 1, 0, 1000000, 1, 1000, 2 },     { 0.5, 1, 0, 1, 1, 1000, 0 },         /* one value has no spread */
        { 0.5, 0, 0, 5, 1, 1000, 0 },
    };
    for (size_t i = 0; i < sizeof rows / sizeof rows[0]; i++) {
        struct statistics_estimate estimate = estimate_of(rows[i].mean, rows[i].deviation, rows[i].observations);
        size_t needed = statistics_observations_needed(&estimate, rows[i].observations, rows[i].margin, rows[i].count,
                                                       rows[i].most);
        if (needed != rows[i].needed)
            fail_msg("row %zu: got %zu, expected %zu", i, needed, rows[i].needed);
    }
}

/* A standard normal value of the stream. */
static double normal_draw(struct rng *rng)
{
    double first = ((double)rng_u64(rng) + 1) / 0x1p64, second = (double)rng_u64(rng) / 0x1p64;
    return sqrt(-2 * log(first)) * cos(2 * M_PI * second);
}

static struct statistics_estimate drawn_estimate(struct rng *rng, double mean, size_t count)
{
    double values[64];
    assert_true(count <= 64);
    for (size_t i = 0; i < count; i++)
        values[i] = mean + normal_draw(rng);
    return statistics_mean(values, count);
}

/* As many observations as are needed show in four of five experiments what is the case: beyond the margin or within. */
static void needed_observations_do(void **state)
{
    (void)state;
    static const struct {
        double mean, margin;
        size_t count;
    } rows[] = { { 2, 0, 1 }, { 2, 0, 10 }, { 1.5, 0.5, 4 }, { 0.1, 0.9, 1 }, { 0, 1.5, 5 } };
    struct rng rng;

    rng_init(&rng, 7, 1, RNG_TEST);
    for (size_t row = 0; row < sizeof rows / sizeof rows[0]; row++) {
        struct statistics_estimate truth = estimate_of(rows[row].mean, 1, 1000000);
        size_t n = statistics_observations_needed(&truth, 1000000, rows[row].margin, rows[row].count, 64);
        int shown = 0, shown_with_one_less = 0, experiments = 3000;
        assert_true(n > 2 && n <= 64);
        for (int i = 0; i < experiments; i++)
            for (size_t less = 0; less < 2; less++) {
                struct statistics_estimate estimate = drawn_estimate(&rng, rows[row].mean, n - less);
                double half = statistics_joint_half_width(&estimate, rows[row].count), value = fabs(estimate.value);
                bool is_shown = rows[row].mean > rows[row].margin ? value - half > rows[row].margin
                                                                  : value + half <= rows[row].margin;
                *(less == 0 ? &shown : &shown_with_one_less) += is_shown;
            }
        assert_true(shown > 0.775 * experiments && shown_with_one_less < 0.82 * experiments);
    }
}

static void observations_for_width(void **state)
{
    (void)state;
    struct statistics_estimate estimate = estimate_of(40, 3, 5), unknown = { 1, 0, 0 };
    for (size_t count = 1; count < 100; count *= 3)
        for (double half_width = 0.4; half_width < 30; half_width *= 1.5) {
            size_t n = statistics_observations_for_width(&estimate, 5, half_width, count, 500);
            struct statistics_estimate then = estimate_of(40, 3, n), before = estimate_of(40, 3, n - 1);
            assert_true(n == 500 || statistics_joint_half_width(&then, count) <= half_width);
            assert_true(n == 2 || statistics_joint_half_width(&before, count) > half_width);
        }
    assert_int_equal(statistics_observations_for_width(&unknown, 1, 1, 1, 500), 500);
}

/* gsl_fit_linear gives the covariance of intercept and slope. */
static void line_agrees_with_gsl(void **state)
{
    static const double x[] = { 1, 2, 4, 8, 16, 32 }, y[] = { 3.1, 4.9, 9.2, 16.8, 33.3, 64.9 };
    int (*fit)(const double *x, size_t x_stride, const double *y, size_t y_stride, size_t n, double *c0, double *c1,
               double *cov00, double *cov01, double *cov11, double *sumsq);
    double intercept, slope, cov00, cov01, cov11, squares;
    struct statistics_line line = statistics_line(x, y, 6);

    (void)state;
    assert_true(isnan(statistics_line((const double[]){ 2, 2 }, y, 2).slope.value));
    assert_true(statistics_line(x, y, 2).slope.degrees == 0);
    dlopen("libgslcblas.so.0", RTLD_LAZY | RTLD_GLOBAL);
    void *library = dlopen("libgsl.so.27", RTLD_LAZY);
    if (library == NULL)
        skip();
    *(void **)&fit = dlsym(library, "gsl_fit_linear");
    assert_int_equal(fit(x, 1, y, 1, 6, &intercept, &slope, &cov00, &cov01, &cov11, &squares), 0);
    assert_true(fabs(line.slope.value - slope) < 1e-12 && fabs(line.intercept.value - intercept) < 1e-12);
    assert_true(fabs(line.slope.standard_error - sqrt(cov11)) < 1e-12);
    assert_true(fabs(line.intercept.standard_error - sqrt(cov00)) < 1e-12);
    assert_true(line.slope.degrees == 4);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(t_quantile_matches_tables),
        cmocka_unit_test(t_agrees_with_gsl),
        cmocka_unit_test(line_agrees_with_gsl),
        cmocka_unit_test(sample_is_exact_on_known_sets),
        cmocka_unit_test(mean_interval),
        cmocka_unit_test(pairs_see_what_welch_does_not),
        cmocka_unit_test(welch_degrees),
        cmocka_unit_test(batch_means_drop_the_rest_at_the_front),
        cmocka_unit_test(joint_intervals),
        cmocka_unit_test(noncentral_t_agrees_with_gsl),
        cmocka_unit_test(noncentral_t_contains_students),
        cmocka_unit_test(observations_needed),
        cmocka_unit_test(needed_observations_do),
        cmocka_unit_test(observations_for_width),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
