/* SPDX-License-Identifier: Apache-2.0
 *
 * Streams and distributions. The key of Philox is the seed and its counter is (block number, entity, purpose), so no
 * two streams share a block. The distributions are piecewise polynomials in fixed point, with the tables of
 * rng_table.py. A comment Qn means that 2^n represents 1.
 */
#include "base/rng.h"

#include <Random123/philox.h>

#include "base/check.h"
#include "base/rng_table.h"

#define LOG_MEAN_BITS 44 /* mean * -ln(2^-64) stays below 2^50 */

void rng_init(struct rng *rng, uint64_t seed, uint32_t entity, enum rng_purpose purpose)
{
    *rng = (struct rng){ .seed = seed, .entity = entity, .purpose = (uint32_t)purpose };
}

static void block_draw(struct rng *rng)
{
    philox4x32_key_t key = { { (uint32_t)rng->seed, (uint32_t)(rng->seed >> 32) } };
    philox4x32_ctr_t counter = { { (uint32_t)rng->counter, (uint32_t)(rng->counter >> 32), rng->entity,
                                   rng->purpose } };
    philox4x32_ctr_t words = philox4x32(counter, key);

    for (uint32_t i = 0; i < 4; i++)
        rng->block[i] = words.v[i];
    rng->counter++;
    rng->left = 4;
}

uint64_t rng_u64(struct rng *rng)
{
    uint32_t first;

    if (rng->left == 0)
        block_draw(rng);
    first = 4 - rng->left;
    rng->left -= 2;
    return rng->block[first] | (uint64_t)rng->block[first + 1] << 32;
}

/* Lemire's method: the high half of draw * bound is uniform once the draws that would favour some results are
 * rejected. */
uint64_t rng_below(struct rng *rng, uint64_t bound)
{
    uint128 product;

    CHECK(bound > 0);
    product = (uint128)rng_u64(rng) * bound;
    if ((uint64_t)product < bound) {
        uint64_t rejected = -bound % bound;

        while ((uint64_t)product < rejected)
            product = (uint128)rng_u64(rng) * bound;
    }
    return (uint64_t)(product >> 64);
}

/* Returns -ln(fraction / 2^64) in Q58, where fraction 0 is taken as 1. With m * inverse = 1 + d and |d| <= 2^-8, the
 * series up to d^3 has an absolute error below 2^-34. Near a result of 0 the relative error is as small, because the
 * last row of the table has the inverse 1. */
static uint64_t minus_log(uint64_t fraction)
{
    uint32_t zeros = (uint32_t)__builtin_clzll(fraction | 1);
    uint64_t mantissa = (fraction | 1) << zeros;
    const struct log_row *row = &log_table[mantissa << 1 >> (64 - LOG_BITS)];
    int64_t d = (int64_t)((uint128)mantissa * row->inverse >> 64) - ((int64_t)1 << 62); /* Q62 */
    int64_t d_short = d >> 24;                                                          /* Q38 */
    int64_t square = d_short * d_short >> 28;                                           /* Q48 */
    int64_t factor = ((int64_t)1 << 29) - (d_short * 21845 >> 24);                      /* Q30: 1/2 - d/3 */

    return row->logarithm + zeros * LN2_Q58 - (uint64_t)((d - (square * factor >> 16)) >> 4);
}

cycles rng_exponential(struct rng *rng, cycles mean)
{
    CHECK(mean < (cycles)1 << LOG_MEAN_BITS);
    return (cycles)(((uint128)mean * minus_log(rng_u64(rng)) + ((uint64_t)1 << 57)) >> 58);
}

/* Returns |z| in Q28 for the tail probability half / 2^64 < 1/2, by linear interpolation between the rows. */
static uint32_t quantile(uint64_t half)
{
    uint32_t zeros = (uint32_t)__builtin_clzll(half | 1);
    uint64_t below_top = -(half << zeros);
    uint32_t index, step;

    if (zeros > QUANTILE_OCTAVES)
        return quantile_table[QUANTILE_OCTAVES << QUANTILE_BITS];
    index = ((zeros - 1) << QUANTILE_BITS) + (uint32_t)(below_top >> (63 - QUANTILE_BITS));
    if (index == QUANTILE_OCTAVES << QUANTILE_BITS)
        return quantile_table[index];
    step = quantile_table[index + 1] - quantile_table[index];
    below_top = below_top << (QUANTILE_BITS + 1) >> 32;
    return quantile_table[index] + (uint32_t)(step * below_top >> 32);
}

/* Returns mean * 2^exponent; the exponent is in Q58 and within +-16. */
static uint64_t scale_exp2(uint64_t mean, int64_t exponent)
{
    uint64_t fraction = (uint64_t)exponent << 6; /* Q64 */
    uint64_t rest = fraction << EXP_BITS >> EXP_BITS;
    uint64_t d = (uint64_t)((uint128)rest * LN2_Q63 >> 64);   /* Q63 */
    uint64_t factor = exp_table[fraction >> (64 - EXP_BITS)]; /* Q62 */
    uint32_t shift = (uint32_t)(62 - (exponent >> 58));

    d += (uint64_t)((uint128)d * d >> 64); /* d + d^2 / 2 */
    factor += (uint64_t)((uint128)factor * d >> 63);
    return (uint64_t)(((uint128)mean * factor + ((uint128)1 << (shift - 1))) >> shift);
}

/* mean * exp(sigma z - sigma^2 / 2): the last term corrects the mean of exp(sigma z). */
cycles rng_lognormal(struct rng *rng, cycles mean, uint32_t cv_permille)
{
    const uint32_t *row;
    uint64_t draw, sigma;
    int64_t sign, exponent;

    CHECK(cv_permille <= SIGMA_CV_MAX && mean < (cycles)1 << LOG_MEAN_BITS);
    if (cv_permille == 0)
        return mean;
    row = &sigma_table[cv_permille / SIGMA_STEP];
    sigma = row[0] + (uint64_t)(row[1] - row[0]) * (cv_permille % SIGMA_STEP) / SIGMA_STEP; /* Q30 */
    draw = rng_u64(rng);
    sign = -(int64_t)(draw & 1);
    exponent = ((int64_t)(sigma * quantile(draw >> 1)) ^ sign) - sign; /* a branch would mispredict half the time */
    exponent -= (int64_t)((uint128)(sigma * sigma >> 2) * LN2_Q63 >> 64);
    return scale_exp2(mean, exponent);
}
