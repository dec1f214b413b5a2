/* SPDX-License-Identifier: Apache-2.0
 *
 * Random number streams: Philox4x32-10 of Random123, with one stream for each (seed, entity, purpose). Adding a device
 * therefore changes no other stream, and two designs can be compared on the same draws. All arithmetic is on integers,
 * so the draws are the same with every compiler and on every machine. Blocks are drawn several at a time, because their
 * rounds are independent of each other.
 */
#ifndef BASE_RNG_H
#define BASE_RNG_H

#include <stdbool.h>
#include <stdint.h>

#include "base/cycles.h"

enum rng_purpose {
    RNG_ARRIVAL,
    RNG_PHASE,
    RNG_SOFTWARE,
    RNG_GUEST,
    RNG_WAKE,
    RNG_THINK,
    RNG_HOLD,
    RNG_POLICY,
    RNG_TEST,
    RNG_SAMPLE,
    RNG_REDRAW, /* last, as the number of a purpose selects its stream */
};

#define RNG_BLOCKS 4 /* drawn at a time */
#define RNG_DRAWS (2 * RNG_BLOCKS)

struct rng {
    uint64_t seed;
    uint64_t counter; /* blocks drawn */
    uint32_t entity;  /* identifies the drawing object; independent of what else the scenario has */
    uint32_t purpose; /* enum rng_purpose */
    uint32_t left;    /* unread numbers of draws[] */
    uint64_t draws[RNG_DRAWS];
};

void rng_init(struct rng *rng, uint64_t seed, uint32_t entity, enum rng_purpose purpose);

/* Draws the next blocks of the stream, when no number is left. */
void rng_refill(struct rng *rng);

static inline uint64_t rng_u64(struct rng *rng)
{
    if (__builtin_expect(rng->left == 0, false))
        rng_refill(rng);
    return rng->draws[RNG_DRAWS - rng->left--];
}

/* Uniformly distributed in [0, bound); bound > 0. */
uint64_t rng_below(struct rng *rng, uint64_t bound);

#define RNG_MEAN_BITS 44

/* Exponentially distributed with this mean, rounded to nearest; mean < 2^RNG_MEAN_BITS. The logarithm is computed in
 * fixed point with a relative error below 1e-7. */
cycles rng_exponential(struct rng *rng, cycles mean);

/* Lognormally distributed with this mean (< 2^RNG_MEAN_BITS) and coefficient of variation in 1/1000 (at most 2000; 0
 * returns the mean). Computed in fixed point from the quantile tables of rng_table.py: the mean is accurate to 0.01 %,
 * and the tail is cut off at 6.2 sigma. */
cycles rng_lognormal(struct rng *rng, cycles mean, uint32_t cv_permille);

/* What rng_lognormal computes from the coefficient of variation, for code that draws often with the same. */
struct rng_spread {
    uint64_t sigma; /* Q30; 0: no spread */
    int64_t drift;  /* Q58: sigma^2 / (2 ln 2) */
};

/* cv_permille as in rng_lognormal. */
struct rng_spread rng_spread_of(uint32_t cv_permille);

/* A stream of lognormal draws with one spread. Each is a long chain of multiplications; several are computed at a time,
 * because their chains are independent of each other. */
struct rng_lognormals {
    struct rng rng;            /* begin with rng_init; its draws[] become factors, in Q62 */
    uint8_t shifts[RNG_DRAWS]; /* of the factors: binary places of mean * factor */
};

/* rng_lognormal with the coefficient of variation of `spread`, which must be the same in all calls. */
cycles rng_lognormals_draw(struct rng_lognormals *stream, cycles mean, const struct rng_spread *spread);

#endif
