/* SPDX-License-Identifier: Apache-2.0
 *
 * Points of a sample: each part of each coordinate has one point, whatever the seed, and seeds differ.
 */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <cmocka.h>

#include "sample/points.h"

#define DIMENSIONS 20

static void expect_even(const struct sample_points *points, size_t count)
{
    for (size_t dimension = 0; dimension < DIMENSIONS; dimension++) {
        unsigned char seen[128] = { 0 };
        for (size_t i = 0; i < count; i++) {
            double u = sample_points_at(points, i, dimension);
            assert_true(u > 0 && u < 1);
            seen[(size_t)(u * (double)count)]++;
        }
        for (size_t i = 0; i < count; i++)
            assert_int_equal(seen[i], 1);
    }
}

static void points_are_even(void **state)
{
    static const struct {
        enum sample_method method;
        size_t count;
    } rows[] = { { SAMPLE_SOBOL, 128 }, { SAMPLE_LHS, 128 }, { SAMPLE_LHS, 100 }, { SAMPLE_LHS, 1 } };

    (void)state;
    for (size_t row = 0; row < sizeof rows / sizeof rows[0]; row++)
        for (uint64_t seed = 0; seed < 3; seed++) {
            struct sample_points points;
            sample_points_init(&points, rows[row].method, rows[row].count, DIMENSIONS, seed);
            expect_even(&points, rows[row].count);
            sample_points_free(&points);
        }
}

static void prefix_of_sobol_is_a_sample(void **state)
{
    struct sample_points few, many;

    (void)state;
    sample_points_init(&few, SAMPLE_SOBOL, 32, DIMENSIONS, 7);
    sample_points_init(&many, SAMPLE_SOBOL, 4096, DIMENSIONS, 7);
    for (size_t i = 0; i < 32; i++)
        for (size_t dimension = 0; dimension < DIMENSIONS; dimension++)
            assert_true(sample_points_at(&few, i, dimension) == sample_points_at(&many, i, dimension));
    sample_points_free(&few);
    sample_points_free(&many);
}

static void seeds_and_dimensions_differ(void **state)
{
    (void)state;
    for (int method = SAMPLE_SOBOL; method <= SAMPLE_LHS; method++) {
        struct sample_points one, other;
        size_t same = 0;

        sample_points_init(&one, (enum sample_method)method, 64, 2, 1);
        sample_points_init(&other, (enum sample_method)method, 64, 2, 2);
        for (size_t i = 0; i < 64; i++) {
            same += sample_points_at(&one, i, 0) == sample_points_at(&other, i, 0);
            same += sample_points_at(&one, i, 0) == sample_points_at(&one, i, 1);
        }
        assert_in_range(same, 0, 12);
        sample_points_free(&one);
        sample_points_free(&other);
    }
}

int main(void)
{
    static const struct CMUnitTest tests[] = {
        cmocka_unit_test(points_are_even),
        cmocka_unit_test(prefix_of_sobol_is_a_sample),
        cmocka_unit_test(seeds_and_dimensions_differ),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
