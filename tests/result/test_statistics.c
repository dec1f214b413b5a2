/* SPDX-License-Identifier: Apache-2.0
 *
 * Reference values of the t distribution are from printed tables. Where GSL is installed the values are checked against
 * it as well; GSL is opened at run time, so that neither the build nor the program depends on it.
 */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <cmocka.h>

#include <dlfcn.h>
#include <math.h>

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

static void t_agrees_with_gsl(void **state)
{
    (void)state;
    dlopen("libgslcblas.so.0", RTLD_LAZY | RTLD_GLOBAL);
    void *library = dlopen("libgsl.so.27", RTLD_LAZY);
    if (library == NULL)
        skip();
    double (*inverse)(double, double), (*tail)(double, double);
    *(void **)&inverse = dlsym(library, "gsl_cdf_tdist_Pinv");
    *(void **)&tail = dlsym(library, "gsl_cdf_tdist_Q");
    assert_true(inverse != NULL && tail != NULL);
    for (double degrees = 1; degrees < 5000; degrees *= 1.37) {
        for (double p = 0.501; p < 0.9999; p += 0.0317)
            assert_near(statistics_t_quantile(p, degrees), inverse(p, degrees), 1e-8);
        for (double t = 0.01; t < 60; t *= 1.7)
            assert_near(statistics_t_upper_tail(t, degrees), tail(t, degrees), 1e-7);
    }
    dlclose(library);
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

static void holm_adjusts_in_order_and_leaves_nan(void **state)
{
    (void)state;
    double p[] = { 0.01, NAN, 0.04, 0.03, 0.005 };
    statistics_holm(p, 5);
    assert_near(p[4], 0.02, 1e-12);
    assert_near(p[0], 0.03, 1e-12);
    assert_near(p[3], 0.06, 1e-12);
    assert_near(p[2], 0.06, 1e-12);
    assert_true(isnan(p[1]));
    double large[] = { 0.9, 0.8 };
    statistics_holm(large, 2);
    assert_true(large[0] == 1 && large[1] == 1);
    statistics_holm(NULL, 0);
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
        cmocka_unit_test(holm_adjusts_in_order_and_leaves_nan),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
