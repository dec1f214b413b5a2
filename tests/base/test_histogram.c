/* SPDX-License-Identifier: Apache-2.0
 *
 * The histogram, compared with exact sorting: every value has exactly one bucket, quantiles are accurate to one step,
 * and merging adds the counts.
 */
#include "base/histogram.h"

#include <stdlib.h>

#include "base/rng.h"
#include "death.h"

#define SAMPLES 19997u /* no quantile falls between two samples */

static void buckets_cover_all_values_once(void **state)
{
    uint64_t lowest, highest, expected = 0;

    (void)state;
    for (uint32_t i = 0; i < HISTOGRAM_BUCKETS; i++) {
        histogram_bucket_range(i, &lowest, &highest);
        assert_int_equal(lowest, expected);
        assert_true(highest >= lowest);
        if (i + 1 < HISTOGRAM_BUCKETS)
            assert_true((highest - lowest) * 128 <= lowest); /* at most 0.8 % wide */
        expected = highest + 1;
    }
    assert_int_equal(highest, UINT64_MAX);
}

static void value_lands_in_its_bucket(void **state)
{
    static const uint64_t below = ((uint64_t)1 << 50) - 1;
    const uint64_t values[] = { 0,    1,     127,   128,       129,   255,       256,       257,
                                1000, 65535, 65536, 123456789, below, below + 1, UINT64_MAX };
    static struct histogram histogram;
    uint64_t lowest, highest;

    (void)state;
    for (size_t i = 0; i < sizeof(values) / sizeof(values[0]); i++) {
        uint32_t found = 0, at = 0;

        histogram_init(&histogram);
        histogram_record(&histogram, values[i]);
        for (uint32_t bucket = 0; bucket < HISTOGRAM_BUCKETS; bucket++)
            if (histogram.buckets[bucket] != 0) {
                found++;
                at = bucket;
            }
        assert_int_equal(found, 1);
        histogram_bucket_range(at, &lowest, &highest);
        if (values[i] < (uint64_t)1 << 50)
            assert_true(lowest <= values[i] && values[i] <= highest);
        else
            assert_int_equal(at, HISTOGRAM_BUCKETS - 1);
        assert_int_equal(histogram.minimum, values[i]);
        assert_int_equal(histogram.maximum, values[i]);
        assert_int_equal(histogram.sum, values[i]);
        assert_int_equal(histogram_quantile(&histogram, 5000), values[i]);
    }
}

static int value_compare(const void *a, const void *b)
{
    uint64_t x = *(const uint64_t *)a, y = *(const uint64_t *)b;

    return (x > y) - (x < y);
}

/* Random values of all magnitudes; every row is another shift. */
static void quantiles_are_within_one_step_of_the_exact_ones(void **state)
{
    static const uint32_t shifts[] = { 14, 20, 30, 40, 50, 57, 62 };
    static const uint32_t permyriads[] = { 0, 1, 100, 2500, 5000, 9000, 9900, 9990, 9999, 10000 };
    static struct histogram histogram;
    static uint64_t values[SAMPLES];
    struct rng rng;

    (void)state;
    for (size_t row = 0; row < sizeof(shifts) / sizeof(shifts[0]); row++) {
        rng_init(&rng, row, 0, RNG_TEST);
        histogram_init(&histogram);
        for (uint32_t i = 0; i < SAMPLES; i++) {
            values[i] = rng_u64(&rng) >> shifts[row] >> rng_below(&rng, 64 - shifts[row]);
            histogram_record(&histogram, values[i]);
        }
        qsort(values, SAMPLES, sizeof(values[0]), value_compare);
        for (size_t q = 0; q < sizeof(permyriads) / sizeof(permyriads[0]); q++) {
            uint64_t rank = ((uint64_t)SAMPLES * permyriads[q] + 9999) / 10000;
            uint64_t exact = values[rank == 0 ? 0 : rank - 1];
            uint64_t got = histogram_quantile(&histogram, permyriads[q]);

            assert_true(got >= exact && (got - exact) * 128 <= exact);
        }
        assert_int_equal(histogram_quantile(&histogram, 10000), values[SAMPLES - 1]);
    }
}

static void empty_histogram_has_no_quantile(void **state)
{
    static struct histogram histogram;

    (void)state;
    histogram_init(&histogram);
    assert_int_equal(histogram_quantile(&histogram, 5000), 0);
    assert_int_equal(histogram.minimum, UINT64_MAX);
    assert_int_equal(histogram.count, 0);
}

static void merged_is_as_if_recorded_together(void **state)
{
    static struct histogram parts[3], together;
    struct rng rng;

    (void)state;
    rng_init(&rng, 9, 0, RNG_TEST);
    histogram_init(&together);
    for (uint32_t part = 0; part < 3; part++)
        histogram_init(&parts[part]);
    for (uint32_t i = 0; i < SAMPLES; i++) {
        uint64_t value = rng_exponential(&rng, 100000);

        histogram_record(&together, value);
        histogram_record(&parts[i % 2], value); /* the third stays empty */
    }
    histogram_merge(&parts[2], &parts[0]);
    histogram_merge(&parts[2], &parts[1]);
    assert_memory_equal(&parts[2], &together, sizeof(together));
}

static void quantile_of(void *argument)
{
    static struct histogram histogram;

    histogram_init(&histogram);
    histogram_quantile(&histogram, *(uint32_t *)argument);
}

static void quantile_above_one_is_caught(void **state)
{
    uint32_t permyriad = 10001;

    (void)state;
    assert_check_fails(quantile_of, &permyriad, "permyriad");
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(buckets_cover_all_values_once),
        cmocka_unit_test(value_lands_in_its_bucket),
        cmocka_unit_test(quantiles_are_within_one_step_of_the_exact_ones),
        cmocka_unit_test(empty_histogram_has_no_quantile),
        cmocka_unit_test(merged_is_as_if_recorded_together),
        cmocka_unit_test(quantile_above_one_is_caught),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
