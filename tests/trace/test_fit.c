/* SPDX-License-Identifier: Apache-2.0
 *
 * Tests that arrivals of each known process are classified correctly, and that their fit has nearly the same
 * statistics.
 */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

#include <math.h>

#include "base/rng.h"
#include "trace/fit.h"

enum { COUNT = 20000 };

static void processes_are_found_again(void **state)
{
    static const struct arrival_fit fits[] = {
        { ARRIVAL_PERIODIC, 2000000, 0, 0 },
        { ARRIVAL_POISSON, 5000000, 0, 0 },
        { ARRIVAL_ONOFF, 50000000, 2000000, 20000000 },
    };
    static uint64_t times[COUNT];

    (void)state;
    for (size_t i = 0; i < sizeof fits / sizeof *fits; i++) {
        struct arrival_figures drawn = arrival_figures_fitted(&fits[i], COUNT);
        assert_int_equal(drawn.count, COUNT);
        if (fits[i].process == ARRIVAL_PERIODIC)
            for (uint64_t n = 0; n < COUNT; n++)
                times[n] = n * 500000;
        else if (fits[i].process == ARRIVAL_ONOFF)
            for (uint64_t n = 0; n < COUNT; n++)
                times[n] = n / 100 * 22000000 + n % 100 * 20000;
        else
            continue;
        struct arrival_fit found = arrival_fit_of(times, COUNT);
        assert_int_equal(found.process, fits[i].process);
        assert_true(fabs((double)found.rate_millihertz / (double)fits[i].rate_millihertz - 1) < 0.02);
        assert_true(found.off_ns == 0 || fabs((double)found.off_ns / 20000000.0 - 1) < 0.02);
        assert_true(found.on_ns == 0 || fabs((double)found.on_ns / 2000000.0 - 1) < 0.02);
    }
}

static void figures_are_right(void **state)
{
    static const struct arrival_fit poisson = { ARRIVAL_POISSON, 5000000, 0, 0 };
    struct arrival_figures figures = arrival_figures_fitted(&poisson, COUNT);

    (void)state;
    assert_true(fabs(figures.rate_hz / 5000 - 1) < 0.03);
    assert_true(fabs(figures.gap_cv - 1) < 0.03);
    assert_true(fabs(figures.dispersion - 1) < 0.1);
    assert_true(fabs((double)figures.gap_p50 / (200000 * log(2)) - 1) < 0.03);
    assert_true(isnan(arrival_figures_of((uint64_t[]){ 1, 2 }, 2).gap_cv));
    assert_int_equal(arrival_fit_of((uint64_t[]){ 1, 2 }, 2).process, ARRIVAL_REPLAY);
    assert_int_equal(arrival_fit_of((uint64_t[]){ 7, 7, 7, 7 }, 4).process, ARRIVAL_REPLAY);
}

/* The times of arrivals with these gaps, the first at 1000. */
static void times_of(uint64_t *times, const uint64_t *gaps, size_t count)
{
    times[0] = 1000;
    for (size_t i = 0; i < count; i++)
        times[i + 1] = times[i] + gaps[i];
}

/* Each side of the two limits, the coefficients of variation 0.3 and 1.3. */
static void the_variation_decides(void **state)
{
    static const struct {
        size_t first_count, rest_count;
        uint64_t first, rest; /* gaps */
        double cv;
        enum arrival_process process;
    } rows[] = {
        { 1, 1, 710, 1290, 0.29, ARRIVAL_PERIODIC },
        { 1, 1, 690, 1310, 0.31, ARRIVAL_POISSON },
        { 10, 16, 100, 0, 1.2649, ARRIVAL_POISSON },
        { 10, 18, 100, 0, 1.3416, ARRIVAL_ONOFF },
    };
    uint64_t gaps[28], times[29];

    (void)state;
    for (size_t i = 0; i < sizeof rows / sizeof *rows; i++) {
        size_t count = rows[i].first_count + rows[i].rest_count;
        for (size_t n = 0; n < count; n++)
            gaps[n] = n < rows[i].first_count ? rows[i].first : rows[i].rest;
        times_of(times, gaps, count);
        assert_true(fabs(arrival_figures_of(times, count + 1).gap_cv - rows[i].cv) < 0.0001);
        assert_int_equal(arrival_fit_of(times, count + 1).process, rows[i].process);
    }
}

/* Bursts and silences by hand: a gap of five medians is still of the burst. */
static void bursts_are_told_from_silences(void **state)
{
    static const struct {
        uint64_t gaps[10];
        struct arrival_fit fit;
    } rows[] = {
        { { 10, 10, 10, 50, 10, 10, 200, 10, 10, 10 }, { ARRIVAL_ONOFF, UINT64_C(9000000000000) / 130, 66, 200 } },
        { { 10, 10, 10, 51, 10, 10, 200, 10, 10, 10 }, { ARRIVAL_ONOFF, UINT64_C(100000000000), 27, 125 } },
        { { 0, 0, 0, 0, 0, 0, 0, 0, 0, 30 }, { ARRIVAL_ONOFF, 1000000, 1, 30 } },
    };
    uint64_t times[11];

    (void)state;
    for (size_t i = 0; i < sizeof rows / sizeof *rows; i++) {
        times_of(times, rows[i].gaps, 10);
        struct arrival_fit fit = arrival_fit_of(times, 11);
        assert_int_equal(fit.process, rows[i].fit.process);
        assert_int_equal(fit.rate_millihertz, rows[i].fit.rate_millihertz);
        assert_int_equal(fit.on_ns, rows[i].fit.on_ns);
        assert_int_equal(fit.off_ns, rows[i].fit.off_ns);
    }
}

/* A hundred gaps of 1 to 100, in an order that is not theirs. */
static void percentiles_are_ranks(void **state)
{
    uint64_t gaps[100], times[101];

    (void)state;
    for (uint64_t i = 0; i < 100; i++)
        gaps[i] = i * 37 % 100 + 1;
    times_of(times, gaps, 100);
    struct arrival_figures figures = arrival_figures_of(times, 101);
    assert_int_equal(figures.gap_p10, 11);
    assert_int_equal(figures.gap_p50, 51);
    assert_int_equal(figures.gap_p90, 91);
    assert_int_equal(figures.gap_p99, 100);
    assert_true(fabs(figures.rate_hz - 1e9 / 50.5) < 1);
}

/* Windows of ten mean gaps, here of 1,000 ns, in which 10, 0, 0 and 30 arrive: their variance over their mean. */
static void dispersion_is_of_counts(void **state)
{
    uint64_t times[41] = { [40] = 4000 };

    (void)state;
    for (uint64_t i = 0; i < 40; i++)
        times[i] = i < 10 ? i : 3000 + i;
    assert_true(fabs(arrival_figures_of(times, 41).dispersion - 15) < 1e-9);
    assert_true(isnan(arrival_figures_of(times, 12).dispersion)); /* one window */
}

/* Distances of distributions by hand. A fit that draws the same gaps has none. */
static void distances_are_those_of_the_distributions(void **state)
{
    static const struct arrival_fit periodic = { ARRIVAL_PERIODIC, UINT64_C(100000000000), 0, 0 }; /* gaps of 10 ns */
    static const struct {
        uint64_t gaps[4];
        double distance;
    } rows[] = {
        { { 10, 10, 10, 10 }, 0 },
        { { 10, 10, 10, 11 }, 0.25 },
        { { 9, 10, 11, 11 }, 0.5 },
        { { 11, 12, 13, 14 }, 1 },
    };
    uint64_t times[5];

    (void)state;
    for (size_t i = 0; i < sizeof rows / sizeof *rows; i++) {
        times_of(times, rows[i].gaps, 4);
        assert_true(fabs(arrival_fit_distance(&periodic, times, 5) - rows[i].distance) < 1e-9);
    }
    times_of(times, rows[0].gaps, 4);
    assert_true(isnan(arrival_fit_distance(&periodic, times, 2)));
    assert_false(isnan(arrival_fit_distance(&periodic, times, 3)));
    assert_true(isnan(arrival_fit_distance(&(struct arrival_fit){ .process = ARRIVAL_REPLAY }, times, 5)));
}

static void work_is_mean_and_variation(void **state)
{
    static const struct {
        uint64_t works[4];
        size_t count;
        uint64_t mean_ns;
        uint32_t cv_percent;
    } rows[] = {
        { { 1, 3 }, 2, 2, 50 },           { { 1, 2 }, 2, 2, 33 }, /* a mean of 1.5 */
        { { 0, 0, 0, 100 }, 4, 25, 173 }, { { 7, 7, 7 }, 3, 7, 0 }, { { 0, 0 }, 2, 0, 0 },
    };
    uint64_t works[10] = { [9] = 100 };

    (void)state;
    for (size_t i = 0; i < sizeof rows / sizeof *rows; i++) {
        struct work_fit fit = work_fit_of(rows[i].works, rows[i].count);
        assert_int_equal(fit.mean_ns, rows[i].mean_ns);
        assert_int_equal(fit.cv_percent, rows[i].cv_percent);
        assert_int_equal(isnan(fit.cv), rows[i].mean_ns == 0);
    }
    assert_int_equal(work_fit_of(works, 10).cv_percent, WORK_CV_MAX_PERCENT); /* 300 % is cut */
    struct work_fit fixed = { .mean_ns = 7 };
    assert_true(work_fit_distance(&fixed, rows[3].works, 3) == 0);
    assert_true(work_fit_distance(&fixed, rows[0].works, 2) == 1);
    assert_true(isnan(work_fit_distance(&fixed, works, 0)));
    struct work_fit endless = { .mean_ns = (uint64_t)1 << RNG_MEAN_BITS };
    assert_true(work_fit_distance(&endless, rows[0].works, 2) == 1);
}

int main(void)
{
    static const struct CMUnitTest tests[] = {
        cmocka_unit_test(processes_are_found_again),
        cmocka_unit_test(figures_are_right),
        cmocka_unit_test(the_variation_decides),
        cmocka_unit_test(bursts_are_told_from_silences),
        cmocka_unit_test(percentiles_are_ranks),
        cmocka_unit_test(dispersion_is_of_counts),
        cmocka_unit_test(distances_are_those_of_the_distributions),
        cmocka_unit_test(work_is_mean_and_variation),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
