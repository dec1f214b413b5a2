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

int main(void)
{
    static const struct CMUnitTest tests[] = {
        cmocka_unit_test(processes_are_found_again),
        cmocka_unit_test(figures_are_right),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
