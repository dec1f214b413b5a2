/* SPDX-License-Identifier: Apache-2.0
 *
 * Streams and distributions: the known answers of Philox, independence of streams, and the distributions by chi-square
 * tests against exact class probabilities. Seeds are fixed, so that no test fails by chance.
 */
#include "base/rng.h"

#include <math.h>
#include <stdlib.h>

#include <Random123/philox.h>

#include "death.h"

#define DRAWS 400000u
#define CLASSES 64u
#define CHI_SQUARE_63 103.4 /* upper 0.1 % point of chi-square with 63 degrees of freedom */

/* From Random123's kat_vectors. */
static void philox_gives_its_known_answers(void **state)
{
    static const struct {
        philox4x32_ctr_t counter;
        philox4x32_key_t key;
        philox4x32_ctr_t expected;
    } rows[] = {
        { { { 0 } }, { { 0 } }, { { 0x6627e8d5, 0xe169c58d, 0xbc57ac4c, 0x9b00dbd8 } } },
        { { { 0xffffffff, 0xffffffff, 0xffffffff, 0xffffffff } },
          { { 0xffffffff, 0xffffffff } },
          { { 0x408f276d, 0x41c83b0e, 0xa20bc7c6, 0x6d5451fd } } },
        { { { 0x243f6a88, 0x85a308d3, 0x13198a2e, 0x03707344 } },
          { { 0xa4093822, 0x299f31d0 } },
          { { 0xd16cfe09, 0x94fdcceb, 0x5001e420, 0x24126ea1 } } },
    };

    (void)state;
    for (size_t row = 0; row < sizeof(rows) / sizeof(rows[0]); row++) {
        struct rng rng;

        rng_init(&rng, rows[row].key.v[0] | (uint64_t)rows[row].key.v[1] << 32, rows[row].counter.v[2], RNG_ARRIVAL);
        rng.counter = rows[row].counter.v[0] | (uint64_t)rows[row].counter.v[1] << 32;
        rng.purpose = rows[row].counter.v[3];
        for (uint32_t word = 0; word < 4; word += 2)
            assert_int_equal(rng_u64(&rng),
                             rows[row].expected.v[word] | (uint64_t)rows[row].expected.v[word + 1] << 32);
    }
}

/* Blocks come in the order of their numbers, however many are drawn at a time; also where the low half of the number
 * overflows. */
static void blocks_follow_each_other(void **state)
{
    static const uint64_t begins[] = { 0, 0xffffffff, 0xfffffffe, 0xfffffffd, 0xfffffffffffffffd };

    (void)state;
    for (size_t row = 0; row < sizeof(begins) / sizeof(begins[0]); row++) {
        philox4x32_key_t key = { { 0x12345678, 0x9abcdef0 } };
        struct rng rng;

        rng_init(&rng, 0x9abcdef012345678, 0xfffffff7, RNG_TEST);
        rng.counter = begins[row];
        for (uint64_t number = begins[row]; number != begins[row] + 20; number++) {
            philox4x32_ctr_t counter = { { (uint32_t)number, (uint32_t)(number >> 32), 0xfffffff7, RNG_TEST } };
            philox4x32_ctr_t words = philox4x32(counter, key);
            for (uint32_t i = 0; i < 4; i += 2)
                assert_int_equal(rng_u64(&rng), words.v[i] | (uint64_t)words.v[i + 1] << 32);
        }
    }
}

/* The first draws of a stream are part of every golden result. */
static void streams_stay_what_they_are(void **state)
{
    struct rng rng;

    (void)state;
    rng_init(&rng, 1, 2, RNG_THINK);
    assert_int_equal(rng_exponential(&rng, 1000000), 772599);
    assert_int_equal(rng_exponential(&rng, 1000000), 850433);
    assert_int_equal(rng_lognormal(&rng, 1000000, 300), 1020599);
    assert_int_equal(rng_lognormal(&rng, 1000000, 300), 821461);
    assert_int_equal(rng_below(&rng, 1000000), 316391);
}

struct key {
    uint64_t seed;
    uint32_t entity;
    enum rng_purpose purpose;
};

/* Neighbours in seed, entity and purpose: no word in common, no correlation, whatever order they are drawn in. */
static void streams_are_independent(void **state)
{
    static const struct key keys[] = {
        { 1, 0, RNG_ARRIVAL }, { 2, 0, RNG_ARRIVAL }, { 1, 1, RNG_ARRIVAL },
        { 1, 0, RNG_PHASE },   { 1, 1, RNG_PHASE },   { (uint64_t)1 << 32, 0, RNG_ARRIVAL },
    };
    enum { STREAMS = sizeof(keys) / sizeof(keys[0]), LENGTH = 4096 };
    static uint64_t words[STREAMS][LENGTH];
    struct rng together[STREAMS], alone;

    (void)state;
    for (uint32_t s = 0; s < STREAMS; s++)
        rng_init(&together[s], keys[s].seed, keys[s].entity, keys[s].purpose);
    for (uint32_t i = 0; i < LENGTH; i++)
        for (uint32_t s = 0; s < STREAMS; s++)
            words[s][i] = rng_u64(&together[s]);
    for (uint32_t s = 0; s < STREAMS; s++) {
        rng_init(&alone, keys[s].seed, keys[s].entity, keys[s].purpose);
        for (uint32_t i = 0; i < LENGTH; i++)
            assert_int_equal(rng_u64(&alone), words[s][i]);
        for (uint32_t other = 0; other < s; other++) {
            uint32_t equal_bits = 0;

            for (uint32_t i = 0; i < LENGTH; i++) {
                assert_int_not_equal(words[s][i], words[other][i]);
                equal_bits += (uint32_t)__builtin_popcountll(~(words[s][i] ^ words[other][i]));
            }
            /* Binomial with n = 2^18 and p = 1/2: standard deviation 256. */
            assert_in_range(equal_bits, LENGTH * 32 - 4 * 256, LENGTH * 32 + 4 * 256);
        }
    }
}

static double chi_square(const uint32_t *counts)
{
    double expected = (double)DRAWS / CLASSES, sum = 0;

    for (uint32_t i = 0; i < CLASSES; i++)
        sum += ((double)counts[i] - expected) * ((double)counts[i] - expected) / expected;
    return sum;
}

enum law { LAW_UNIFORM, LAW_EXPONENTIAL, LAW_LOGNORMAL };

/* Probability of a value below x. */
static double law_distribution(enum law law, double mean, double cv, double x)
{
    double sigma;

    switch (law) {
    case LAW_UNIFORM:
        return x / mean;
    case LAW_EXPONENTIAL:
        return -expm1(-x / mean);
    default:
        sigma = sqrt(log1p(cv * cv));
        return 0.5 * erfc(-(log(x / mean) + sigma * sigma / 2) / sigma / sqrt(2));
    }
}

static const struct law_row {
    enum law law;
    uint64_t mean; /* of the uniform law: the bound */
    uint32_t cv_permille;
} laws[] = {
    { LAW_UNIFORM, (uint64_t)1 << 40, 0 },
    { LAW_UNIFORM, 1000003, 0 },
    { LAW_UNIFORM, ((uint64_t)3 << 62) / 2, 0 },
    { LAW_EXPONENTIAL, 1000000, 0 },
    { LAW_EXPONENTIAL, ((uint64_t)1 << 44) - 1, 0 },
    { LAW_LOGNORMAL, 1000000, 50 },
    { LAW_LOGNORMAL, 1000000, 300 },
    { LAW_LOGNORMAL, (uint64_t)1 << 43, 1001 },
    { LAW_LOGNORMAL, 10000000, 2000 },
};

static uint64_t law_draw(struct rng *rng, const struct law_row *row)
{
    switch (row->law) {
    case LAW_UNIFORM:
        return rng_below(rng, row->mean);
    case LAW_EXPONENTIAL:
        return rng_exponential(rng, row->mean);
    default:
        return rng_lognormal(rng, row->mean, row->cv_permille);
    }
}

/* The probability integral transform of the draws fills 64 classes evenly. */
static void draws_follow_their_law(void **state)
{
    (void)state;
    for (uint32_t i = 0; i < sizeof(laws) / sizeof(laws[0]); i++) {
        uint32_t counts[CLASSES] = { 0 };
        struct rng rng;

        rng_init(&rng, 20, i, RNG_TEST);
        for (uint32_t draw = 0; draw < DRAWS; draw++) {
            double value = (double)law_draw(&rng, &laws[i]) + 0.5;
            double below = law_distribution(laws[i].law, (double)laws[i].mean, laws[i].cv_permille / 1000.0, value);

            counts[(uint32_t)(below * CLASSES) & (CLASSES - 1)]++;
        }
        assert_true(chi_square(counts) < CHI_SQUARE_63);
    }
}

/* Mean and coefficient of variation, as far as 4 standard errors of DRAWS draws tell (the heavy tail of a coefficient
 * above 1 makes the second moment too slow for that). */
static void draws_have_the_asked_moments(void **state)
{
    (void)state;
    for (uint32_t i = 0; i < sizeof(laws) / sizeof(laws[0]); i++) {
        double sum = 0, squares = 0, mean, cv = laws[i].law == LAW_EXPONENTIAL ? 1 : laws[i].cv_permille / 1000.0;
        struct rng rng;

        if (laws[i].law == LAW_UNIFORM)
            continue;
        rng_init(&rng, 21, i, RNG_TEST);
        for (uint32_t draw = 0; draw < DRAWS; draw++) {
            double value = (double)law_draw(&rng, &laws[i]) / (double)laws[i].mean;

            sum += value;
            squares += value * value;
        }
        mean = sum / DRAWS;
        assert_true(fabs(mean - 1) < 4 * cv / sqrt(DRAWS));
        if (cv <= 1)
            assert_true(fabs(sqrt(squares / DRAWS - mean * mean) / mean - cv) < 0.01 * cv);
    }
}

/* Feeds chosen words instead of random ones, to compare with the C library's functions point by point. */
static struct rng rng_of_word(uint64_t word) { return (struct rng){ .left = 1, .draws = { [RNG_DRAWS - 1] = word } }; }

static void exponential_is_the_logarithm(void **state)
{
    static const double mean = (double)((uint64_t)1 << 43);
    struct rng words;

    (void)state;
    rng_init(&words, 3, 0, RNG_TEST);
    for (uint32_t i = 0; i < DRAWS; i++) {
        /* All magnitudes, and both ends: next to 0, and next to 2^64. */
        uint64_t word = rng_u64(&words) >> (i % 64);
        struct rng low = rng_of_word(word), high = rng_of_word(~word);
        double expected_low = -(logl((long double)(word | 1)) - 64 * logl(2)) * mean;
        double expected_high = -log1pl(-(long double)(word + 1) * 0x1p-64L) * mean;

        assert_true(fabs((double)rng_exponential(&low, (uint64_t)1 << 43) - expected_low) < 1 + 1e-7 * expected_low);
        if (word < (uint64_t)1 << 63)
            assert_true(fabs((double)rng_exponential(&high, (uint64_t)1 << 43) - expected_high) <
                        2 + 1e-7 * expected_high);
    }
}

static void lognormal_is_monotonic_and_bounded(void **state)
{
    uint64_t previous = 0;

    (void)state;
    /* From the lowest tail up to the highest: the low bit of a word is the sign, the rest the tail's probability. */
    for (int32_t step = -630; step <= 630; step++) {
        uint64_t tail = step == 0 ? INT64_MAX : (uint64_t)exp2((630 - abs(step)) / 10.0);
        struct rng rng = rng_of_word(tail << 1 | (step < 0));
        uint64_t value = rng_lognormal(&rng, (uint64_t)1 << 40, 1000);

        assert_true(value >= previous);
        previous = value;
    }
    assert_true(previous < (uint64_t)1 << 48);
}

/* A stream that computes several factors at a time gives what single draws give, and leaves the stream alone where
 * there is no spread. */
static void a_stream_of_lognormals_gives_the_single_draws(void **state)
{
    static const uint32_t cvs[] = { 1, 250, 2000 };

    (void)state;
    for (size_t c = 0; c < sizeof(cvs) / sizeof(cvs[0]); c++) {
        struct rng single;
        struct rng_lognormals stream;
        struct rng_spread spread = rng_spread_of(cvs[c]), none = rng_spread_of(0);

        rng_init(&single, 11, (uint32_t)c, RNG_SOFTWARE);
        rng_init(&stream.rng, 11, (uint32_t)c, RNG_SOFTWARE);
        for (uint64_t draw = 0; draw < 5 * RNG_DRAWS + 3; draw++) {
            uint64_t mean = (uint64_t)1 << draw % 44;

            assert_int_equal(rng_lognormals_draw(&stream, mean, &spread), rng_lognormal(&single, mean, cvs[c]));
            assert_int_equal(rng_lognormals_draw(&stream, mean, &none), mean);
        }
    }
}

static void edges_are_exact(void **state)
{
    struct rng rng;

    (void)state;
    rng_init(&rng, 5, 0, RNG_TEST);
    for (uint32_t i = 0; i < 1000; i++) {
        assert_int_equal(rng_below(&rng, 1), 0);
        assert_true(rng_below(&rng, 3) < 3);
        assert_int_equal(rng_exponential(&rng, 0), 0);
        assert_int_equal(rng_lognormal(&rng, 12345, 0), 12345);
        assert_int_equal(rng_lognormal(&rng, 0, 500), 0);
    }
}

static void call_below(void *argument) { (void)rng_below(argument, 0); }
static void call_exponential(void *argument) { (void)rng_exponential(argument, (uint64_t)1 << 44); }
static void call_lognormal(void *argument) { (void)rng_lognormal(argument, 1, 2001); }

static void call_stream(void *argument)
{
    struct rng_spread spread = rng_spread_of(1);

    (void)rng_lognormals_draw(argument, (uint64_t)1 << 44, &spread);
}

static void impossible_parameters_are_caught(void **state)
{
    struct rng rng;
    struct rng_lognormals stream;

    (void)state;
    rng_init(&rng, 5, 0, RNG_TEST);
    assert_check_fails(call_below, &rng, "bound");
    assert_check_fails(call_exponential, &rng, "mean");
    assert_check_fails(call_lognormal, &rng, "cv_permille");
    rng_init(&stream.rng, 5, 0, RNG_TEST);
    assert_check_fails(call_stream, &stream, "mean");
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(philox_gives_its_known_answers),
        cmocka_unit_test(blocks_follow_each_other),
        cmocka_unit_test(streams_stay_what_they_are),
        cmocka_unit_test(streams_are_independent),
        cmocka_unit_test(draws_follow_their_law),
        cmocka_unit_test(draws_have_the_asked_moments),
        cmocka_unit_test(exponential_is_the_logarithm),
        cmocka_unit_test(lognormal_is_monotonic_and_bounded),
        cmocka_unit_test(a_stream_of_lognormals_gives_the_single_draws),
        cmocka_unit_test(edges_are_exact),
        cmocka_unit_test(impossible_parameters_are_caught),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
