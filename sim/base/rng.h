/* SPDX-License-Identifier: Apache-2.0
 *
 * Random streams: Random123's Philox4x32-10, one stream for each (seed, entity, purpose), so that adding a device
 * shifts no other draw and two designs are compared on the same draws. Integer arithmetic only: the draws are the
 * same on every compiler and machine.
 */
#ifndef BASE_RNG_H
#define BASE_RNG_H

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
};

struct rng {
    uint64_t seed;
    uint64_t counter; /* blocks drawn */
    uint32_t entity;  /* a number that stays with the thing that draws, whatever else exists */
    uint32_t purpose; /* enum rng_purpose */
    uint32_t left;    /* unread words of block[] */
    uint32_t block[4];
};

void rng_init(struct rng *rng, uint64_t seed, uint32_t entity, enum rng_purpose purpose);
uint64_t rng_u64(struct rng *rng);

/* Uniform in [0, bound); bound > 0. */
uint64_t rng_below(struct rng *rng, uint64_t bound);

/* Exponential with this mean, rounded to nearest; mean < 2^44. Fixed-point logarithm, relative error < 1e-7. */
cycles rng_exponential(struct rng *rng, cycles mean);

/* Lognormal with this mean (< 2^44) and coefficient of variation in 1/1000 (0 returns the mean; at most 2000). Fixed
 * point, from quantile tables that rng_table.py generates: the mean is right to 0.01 %, the tail ends at 6.2 sigma. */
cycles rng_lognormal(struct rng *rng, cycles mean, uint32_t cv_permille);

#endif
