/* SPDX-License-Identifier: Apache-2.0
 *
 * Indices of the Ishigami function against the analytic ones, groups, and Wilson's interval against known values.
 */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <cmocka.h>

#include <math.h>

#include "sample/indices.h"
#include "sample/points.h"

#define COUNT 8192
#define PI 3.14159265358979323846

static double inputs[4][COUNT], output[COUNT];

/* f = sin x1 + 7 sin^2 x2 + 0.1 x3^4 sin x1 on [-pi, pi]^3 (T. Ishigami, T. Homma, 1990); x4 has no influence. */
static int set_up(void **state)
{
    struct sample_points points;

    (void)state;
    sample_points_init(&points, SAMPLE_SOBOL, COUNT, 4, 3);
    for (size_t i = 0; i < COUNT; i++) {
        for (size_t k = 0; k < 4; k++)
            inputs[k][i] = PI * (2 * sample_points_at(&points, i, k) - 1);
        output[i] = sin(inputs[0][i]) + 7 * pow(sin(inputs[1][i]), 2) + 0.1 * pow(inputs[2][i], 4) * sin(inputs[0][i]);
    }
    sample_points_free(&points);
    return 0;
}

/* The groups of two inputs, or with the same input twice of one. */
static struct sample_index index_of(size_t one, size_t other)
{
    static uint32_t groups[COUNT], second[COUNT];
    size_t bins = one == other ? 64 : 24, count = sample_groups(inputs[one], COUNT, bins, groups), second_count = 1;

    if (one != other) {
        second_count = sample_groups(inputs[other], COUNT, bins, second);
        for (size_t i = 0; i < COUNT; i++)
            groups[i] = groups[i] * (uint32_t)second_count + second[i];
    }
    return sample_index_first(groups, count * second_count, output, COUNT, 40, 1);
}

static void ishigami_has_its_analytic_indices(void **state)
{
    static const struct {
        size_t one, other;
        double value;
    } rows[] = {
        { 0, 0, 0.3139 }, { 1, 1, 0.4424 }, { 2, 2, 0 },      { 3, 3, 0 },
        { 0, 2, 0.5576 }, { 0, 1, 0.7563 }, { 1, 2, 0.4424 },
    };

    (void)state;
    for (size_t i = 0; i < sizeof rows / sizeof rows[0]; i++) {
        struct sample_index index = index_of(rows[i].one, rows[i].other);
        if (fabs(index.value - rows[i].value) >
            (rows[i].one == rows[i].other ? 0.02 : 0.05)) /* coarse groups of pairs lose some */
            fail_msg("inputs %zu, %zu: %g instead of %g", rows[i].one, rows[i].other, index.value, rows[i].value);
        assert_true(index.noise > 0 && index.noise < 0.03);
    }
}

static void groups_keep_equal_values_together(void **state)
{
    static const double values[] = { 3, 1, 1, 2, 1, 1, 1, 9 };
    uint32_t groups[8];

    (void)state;
    assert_in_range(sample_groups(values, 8, 3, groups), 2, 4);
    for (size_t i = 0; i < 8; i++)
        for (size_t j = 0; j < 8; j++) {
            assert_true(values[i] != values[j] || groups[i] == groups[j]);
            assert_true(values[i] <= values[j] || groups[i] >= groups[j]);
        }
    assert_int_equal(sample_groups(values, 0, 3, groups), 0);
}

static void constant_output_has_no_index(void **state)
{
    static const uint32_t groups[4] = { 0, 0, 1, 1 };
    static const double constant[4] = { 2, 2, 2, 2 };
    struct sample_index index = sample_index_first(groups, 2, constant, 4, 10, 1);

    (void)state;
    assert_true(index.value == 0 && index.noise == 0);
}

/* L. D. Brown, T. T. Cai, A. DasGupta, Statistical Science 16 (2001), and prop.test of R without its correction. */
static void wilson_has_its_known_bounds(void **state)
{
    static const struct {
        size_t hits, count;
        double low, high;
    } rows[] = {
        { 0, 10, 0, 0.2775328 },  { 1, 10, 0.0178762, 0.4041500 },   { 5, 10, 0.2365931, 0.7634069 },
        { 10, 10, 0.7224672, 1 }, { 81, 263, 0.2552750, 0.3662207 }, { 0, 0, 0, 1 },
    };

    (void)state;
    for (size_t i = 0; i < sizeof rows / sizeof rows[0]; i++) {
        struct sample_interval interval = sample_share(rows[i].hits, rows[i].count);
        if (fabs(interval.low - rows[i].low) > 5e-5 || fabs(interval.high - rows[i].high) > 5e-5)
            fail_msg("%zu of %zu: [%.7f, %.7f]", rows[i].hits, rows[i].count, interval.low, interval.high);
    }
}

int main(void)
{
    static const struct CMUnitTest tests[] = {
        cmocka_unit_test(ishigami_has_its_analytic_indices),
        cmocka_unit_test(groups_keep_equal_values_together),
        cmocka_unit_test(constant_output_has_no_index),
        cmocka_unit_test(wilson_has_its_known_bounds),
    };
    return cmocka_run_group_tests(tests, set_up, NULL);
}
