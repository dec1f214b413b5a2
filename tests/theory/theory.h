/* SPDX-License-Identifier: Apache-2.0
 *
 * How a simulated mean is held against a known one: independent seeds, a Student interval that must hold the known
 * value, and that must be narrow enough to mean something. Seeds are fixed, so that nothing fails by chance.
 */
#ifndef TESTS_THEORY_H
#define TESTS_THEORY_H

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

#include "result/statistics.h"

#define THEORY_SEEDS 10
#define THEORY_PROBABILITY 0.9995 /* two-sided 99.9 % */

static inline void assert_mean_is(const char *what, const double values[THEORY_SEEDS], double known,
                                  double widest_percent)
{
    struct statistics_estimate mean = statistics_mean(values, THEORY_SEEDS);
    double half_width = statistics_t_quantile(THEORY_PROBABILITY, mean.degrees) * mean.standard_error;

    if (mean.value - known > half_width || known - mean.value > half_width)
        fail_msg("%s: %.6g +- %.2g, known %.6g", what, mean.value, half_width, known);
    if (half_width * 100 > widest_percent * known)
        fail_msg("%s: +- %.2g of %.6g is too wide", what, half_width, known);
}

#endif
