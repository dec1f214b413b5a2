/* SPDX-License-Identifier: Apache-2.0
 *
 * The Sobol' sequence: its first points as published, and one point in each part of each coordinate.
 */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <cmocka.h>

#include "sample/sobol.h"

#define POINTS 256

/* The first points of three dimensions in 1/16, as Joe and Kuo's program prints them. */
static const uint32_t first_points[10][3] = {
    { 0, 0, 0 },   { 8, 8, 8 },   { 12, 4, 4 }, { 4, 12, 12 }, { 6, 6, 10 },
    { 14, 14, 2 }, { 10, 2, 14 }, { 2, 10, 6 }, { 3, 5, 15 },  { 11, 13, 7 },
};

static void first_points_are_the_published_ones(void **state)
{
    (void)state;
    for (uint32_t i = 0; i < 10; i++)
        for (size_t dimension = 0; dimension < 3; dimension++)
            assert_int_equal(sobol_point(dimension, i), first_points[i][dimension] << 28);
}

static void every_part_has_one_point(void **state)
{
    (void)state;
    for (size_t dimension = 0; dimension < SOBOL_DIMENSIONS; dimension++)
        for (uint32_t start = 0; start <= 4 * POINTS; start += POINTS) {
            uint32_t seen[POINTS] = { 0 };
            for (uint32_t i = 0; i < POINTS; i++)
                seen[sobol_point(dimension, start + i) / (UINT32_MAX / POINTS + 1)]++;
            for (size_t i = 0; i < POINTS; i++)
                assert_int_equal(seen[i], 1);
        }
}

/* A wrong direction number makes two dimensions alike. The means of products are those of independent coordinates. */
static void dimensions_are_independent(void **state)
{
    static double points[SOBOL_DIMENSIONS][1024];

    (void)state;
    for (size_t one = 0; one < SOBOL_DIMENSIONS; one++) {
        for (uint32_t i = 0; i < 1024; i++)
            points[one][i] = sobol_point(one, i) / 4294967296.0;
        for (size_t other = 0; other < one; other++) {
            double product = 0;
            for (uint32_t i = 0; i < 1024; i++)
                product += points[one][i] * points[other][i] / 1024;
            if (product < 0.225 || product > 0.275)
                fail_msg("dimensions %zu and %zu: the mean product is %g", other, one, product);
        }
    }
}

int main(void)
{
    static const struct CMUnitTest tests[] = {
        cmocka_unit_test(first_points_are_the_published_ones),
        cmocka_unit_test(every_part_has_one_point),
        cmocka_unit_test(dimensions_are_independent),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
