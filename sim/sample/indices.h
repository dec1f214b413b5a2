/* SPDX-License-Identifier: Apache-2.0
 *
 * Which inputs of a sample decide an output, and how often something happens in it.
 */
#ifndef SAMPLE_INDICES_H
#define SAMPLE_INDICES_H

#include <stddef.h>
#include <stdint.h>

/* A share of the output's variance. */
struct sample_index {
    double value; /* less what inputs without influence get on average; about 0 for such an input */
    double noise; /* 95 % of inputs without influence get less than this */
};

/* Puts the values in ascending order; none of them is NaN. */
void sample_sort(double *values, size_t count);

/* Sorts the values into at most `bins` groups of about the same size, and writes the number of each value's group.
 * Equal values are in one group. Returns the number of groups. */
size_t sample_groups(const double *values, size_t count, size_t bins, uint32_t *groups);

/* The first-order Sobol' index of an input from the sample itself: the variance of the groups' means. The noise comes
 * from `permutations` random orders of the output, drawn with this seed. The groups of two inputs together,
 * group_1 * count_2 + group_2, give the closed index of the pair: both first-order indices and their interaction.
 * This needs no further runs, while pick-and-freeze needs one for every input and machine. */
struct sample_index sample_index_first(const uint32_t *groups, size_t group_count, const double *output, size_t count,
                                       size_t permutations, uint64_t seed);

struct sample_interval {
    double low, high;
};

/* Wilson's 95 % interval of a probability, from `hits` of `count`; [0, 1] when count is 0. */
struct sample_interval sample_share(size_t hits, size_t count);

#endif
