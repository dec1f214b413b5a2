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

_Static_assert(RNG_MEAN_BITS <= 44, "mean * -ln(2^-64) stays below 2^50");

void rng_init(struct rng *rng, uint64_t seed, uint32_t entity, enum rng_purpose purpose)
{
    *rng = (struct rng){ .seed = seed, .entity = entity, .purpose = (uint32_t)purpose };
}

/* The low halves of two numbers, each times `factor` (< 2^32). */
typedef uint64_t pair __attribute__((vector_size(16)));

static inline pair low_times(pair numbers, uint32_t factor)
{
#ifdef __SSE2__
    typedef int lanes __attribute__((vector_size(16)));

    return (pair)__builtin_ia32_pmuludq128((lanes)numbers, (lanes)(pair){ factor, factor });
#else
    return (numbers & UINT32_MAX) * factor;
#endif
}

/* Philox4x32-10 of two blocks. Of each number only the low half counts until the end. */
struct blocks {
    pair a, b, c, d;
};

static inline struct blocks round_of(struct blocks blocks, pair key_low, pair key_high)
{
    pair first = low_times(blocks.a, PHILOX_M4x32_0), second = low_times(blocks.c, PHILOX_M4x32_1);

    return (struct blocks){ (second >> 32) ^ blocks.b ^ key_low, second, (first >> 32) ^ blocks.d ^ key_high, first };
}

static inline void blocks_write(struct blocks blocks, uint64_t *draws)
{
    pair even = (blocks.a & UINT32_MAX) | blocks.b << 32, odd = (blocks.c & UINT32_MAX) | blocks.d << 32;

    draws[0] = even[0];
    draws[1] = odd[0];
    draws[2] = even[1];
    draws[3] = odd[1];
}

/* The two blocks from `counter` on, before the first round. */
static inline struct blocks blocks_begin(const struct rng *rng, uint64_t counter)
{
    uint64_t next = counter + 1;

    return (struct blocks){
        { counter, next }, { counter >> 32, next >> 32 }, { rng->entity, rng->entity }, { rng->purpose, rng->purpose }
    };
}

void rng_refill(struct rng *rng)
{
    struct blocks first = blocks_begin(rng, rng->counter), second = blocks_begin(rng, rng->counter + 2);
    pair key_low = { rng->seed, rng->seed }, key_high = key_low >> 32;

    for (int i = 0; i < PHILOX4x32_DEFAULT_ROUNDS; i++) {
        first = round_of(first, key_low, key_high);
        second = round_of(second, key_low, key_high);
        key_low += (pair){ PHILOX_W32_0, PHILOX_W32_0 };
        key_high += (pair){ PHILOX_W32_1, PHILOX_W32_1 };
    }
    blocks_write(first, &rng->draws[0]);
    blocks_write(second, &rng->draws[4]);
    rng->counter += RNG_BLOCKS;
    rng->left = RNG_DRAWS;
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
    CHECK(mean < (cycles)1 << RNG_MEAN_BITS);
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

struct scale {
    uint64_t factor; /* Q62: 1 to 2 */
    uint32_t shift;  /* 46 to 78 */
};

/* Returns 2^exponent as factor / 2^shift; the exponent is in Q58 and within +-16. */
static struct scale exp2_of(int64_t exponent)
{
    uint64_t fraction = (uint64_t)exponent << 6; /* Q64 */
    uint64_t rest = fraction << EXP_BITS >> EXP_BITS;
    uint64_t d = (uint64_t)((uint128)rest * LN2_Q63 >> 64);   /* Q63 */
    uint64_t factor = exp_table[fraction >> (64 - EXP_BITS)]; /* Q62 */

    d += (uint64_t)((uint128)d * d >> 64); /* d + d^2 / 2 */
    factor += (uint64_t)((uint128)factor * d >> 63);
    return (struct scale){ factor, (uint32_t)(62 - (exponent >> 58)) };
}

/* Rounded to nearest. The product is below 2^(RNG_MEAN_BITS + 63). */
static uint64_t scaled(uint64_t mean, struct scale scale)
{
    return (((uint64_t)((uint128)mean * scale.factor >> 45) >> (scale.shift - 46)) + 1) >> 1;
}

struct rng_spread rng_spread_of(uint32_t cv_permille)
{
    const uint32_t *row;
    uint64_t sigma;

    CHECK(cv_permille <= SIGMA_CV_MAX);
    if (cv_permille == 0)
        return (struct rng_spread){ 0, 0 };
    row = &sigma_table[cv_permille / SIGMA_STEP];
    sigma = row[0] + (uint64_t)(row[1] - row[0]) * (cv_permille % SIGMA_STEP) / SIGMA_STEP;
    return (struct rng_spread){ sigma, (int64_t)((uint128)(sigma * sigma >> 2) * LN2_Q63 >> 64) };
}

/* exp(sigma z - sigma^2 / 2): the last term corrects the mean of exp(sigma z). */
static inline struct scale lognormal_scale(uint64_t draw, struct rng_spread spread)
{
    int64_t sign = -(int64_t)(draw & 1);
    int64_t exponent = ((int64_t)(spread.sigma * quantile(draw >> 1)) ^ sign) - sign; /* a branch would mispredict */

    return exp2_of(exponent - spread.drift);
}

cycles rng_lognormal(struct rng *rng, cycles mean, uint32_t cv_permille)
{
    struct rng_spread spread = rng_spread_of(cv_permille);

    CHECK(mean < (cycles)1 << RNG_MEAN_BITS);
    return spread.sigma == 0 ? mean : scaled(mean, lognormal_scale(rng_u64(rng), spread));
}

/* Not inlined: most draws find their factor, and save no registers then. */
__attribute__((noinline)) static void factors_refill(struct rng_lognormals *stream, const struct rng_spread *spread)
{
    rng_refill(&stream->rng);
    for (uint32_t i = 0; i < RNG_DRAWS; i++) {
        struct scale scale = lognormal_scale(stream->rng.draws[i], *spread);

        stream->rng.draws[i] = scale.factor;
        stream->shifts[i] = (uint8_t)scale.shift;
    }
}

cycles rng_lognormals_draw(struct rng_lognormals *stream, cycles mean, const struct rng_spread *spread)
{
    uint32_t place;

    CHECK(mean < (cycles)1 << RNG_MEAN_BITS);
    if (spread->sigma == 0)
        return mean;
    if (stream->rng.left == 0)
        factors_refill(stream, spread);
    place = RNG_DRAWS - stream->rng.left--;
    return scaled(mean, (struct scale){ stream->rng.draws[place], stream->shifts[place] });
}
