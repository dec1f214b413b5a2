/* SPDX-License-Identifier: Apache-2.0
 *
 * Points of a sample in the unit cube. The same method, seed and size give the same points on every machine.
 */
#ifndef SAMPLE_POINTS_H
#define SAMPLE_POINTS_H

#include <stddef.h>
#include <stdint.h>

enum sample_method {
    SAMPLE_SOBOL, /* any prefix is a sample of its own; up to SOBOL_DIMENSIONS dimensions */
    SAMPLE_LHS,   /* Latin hypercube: each n-th part of each coordinate has one point; only all n points are a sample */
};

struct sample_points {
    enum sample_method method;
    size_t count, dimensions;
    uint64_t seed;
    uint32_t *shifts;       /* [dimensions] of SAMPLE_SOBOL: the seed's random digital shift */
    uint32_t *permutations; /* [dimensions][count] of SAMPLE_LHS */
};

/* count and dimensions >= 1, count < 2^32. The caller calls sample_points_free. */
void sample_points_init(struct sample_points *points, enum sample_method method, size_t count, size_t dimensions,
                        uint64_t seed);
void sample_points_free(struct sample_points *points);

/* Returns a coordinate of a point, in (0, 1). Thread-safe. */
double sample_points_at(const struct sample_points *points, size_t index, size_t dimension);

#endif
