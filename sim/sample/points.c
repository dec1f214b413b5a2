/* SPDX-License-Identifier: Apache-2.0
 *
 * Points of a sample. The random shift of the Sobol' sequence flips the same bits of a coordinate in all points, which
 * keeps the points as even as they were.
 */
#include "sample/points.h"

#include <stdlib.h>

#include "base/check.h"
#include "base/rng.h"
#include "sample/sobol.h"

static void shuffle(uint32_t *items, size_t count, struct rng *rng)
{
    for (size_t i = 0; i < count; i++)
        items[i] = (uint32_t)i;
    for (size_t i = count; i > 1; i--) {
        size_t other = (size_t)rng_below(rng, i);
        uint32_t item = items[i - 1];

        items[i - 1] = items[other];
        items[other] = item;
    }
}

void sample_points_init(struct sample_points *points, enum sample_method method, size_t count, size_t dimensions,
                        uint64_t seed)
{
    CHECK(count >= 1 && count < UINT32_MAX && dimensions >= 1);
    *points = (struct sample_points){ .method = method, .count = count, .dimensions = dimensions, .seed = seed };
    if (method == SAMPLE_SOBOL) {
        points->shifts = calloc(dimensions, sizeof(*points->shifts));
        CHECK(points->shifts != NULL && dimensions <= SOBOL_DIMENSIONS);
    } else {
        points->permutations = calloc(dimensions * count, sizeof(*points->permutations));
        CHECK(points->permutations != NULL);
    }
    for (size_t i = 0; i < dimensions; i++) {
        struct rng rng;

        rng_init(&rng, seed, (uint32_t)i, RNG_SAMPLE);
        if (method == SAMPLE_SOBOL)
            points->shifts[i] = (uint32_t)(rng_u64(&rng) >> 32);
        else
            shuffle(points->permutations + i * count, count, &rng);
    }
}

void sample_points_free(struct sample_points *points)
{
    free(points->shifts);
    free(points->permutations);
    *points = (struct sample_points){ 0 };
}

double sample_points_at(const struct sample_points *points, size_t index, size_t dimension)
{
    CHECK(index < points->count && dimension < points->dimensions);
    if (points->method == SAMPLE_SOBOL)
        return ((double)(sobol_point(dimension, (uint32_t)index) ^ points->shifts[dimension]) + 0.5) / 4294967296.0;
    return ((double)points->permutations[dimension * points->count + index] + 0.5) / (double)points->count;
}
