/* SPDX-License-Identifier: Apache-2.0
 *
 * Sensitivity indices from given data (E. Plischke, E. Borgonovo, C. Smith, European Journal of Operational Research
 * 226 (2013), section 4.1: the class-conditional means), and Wilson's interval (E. B. Wilson, JASA 22 (1927)).
 */
#include "sample/indices.h"

#include <math.h>
#include <stdlib.h>
#include <string.h>

#include "base/check.h"
#include "base/rng.h"

struct ranked {
    double value;
    size_t index;
};

static int compare_ranked(const void *left, const void *right)
{
    const struct ranked *a = left, *b = right;

    if (a->value != b->value)
        return a->value < b->value ? -1 : 1;
    return (a->index > b->index) - (a->index < b->index);
}

size_t sample_groups(const double *values, size_t count, size_t bins, uint32_t *groups)
{
    struct ranked *ranked = calloc(count + 1, sizeof(*ranked));
    size_t group = 0, filled = 0;

    CHECK(ranked != NULL && bins > 0);
    for (size_t i = 0; i < count; i++)
        ranked[i] = (struct ranked){ values[i], i };
    qsort(ranked, count, sizeof(*ranked), compare_ranked);
    for (size_t i = 0; i < count; i++) {
        /* A group ends where its share is reached, but not between equal values. */
        if (filled > 0 && ranked[i].value != ranked[i - 1].value && i * bins >= (group + 1) * count) {
            group = i * bins / count > group ? i * bins / count : group + 1;
            filled = 0;
        }
        groups[ranked[i].index] = (uint32_t)group;
        filled++;
    }
    free(ranked);
    return count > 0 ? group + 1 : 0;
}

struct variance {
    double *sums;
    size_t *counts;
    size_t group_count;
    double mean, total;
};

/* Returns the variance of the groups' means as a share of the whole. */
static double explained(struct variance *variance, const uint32_t *groups, const double *output, size_t count)
{
    double between = 0;

    memset(variance->sums, 0, variance->group_count * sizeof(*variance->sums));
    memset(variance->counts, 0, variance->group_count * sizeof(*variance->counts));
    for (size_t i = 0; i < count; i++) {
        variance->sums[groups[i]] += output[i];
        variance->counts[groups[i]]++;
    }
    for (size_t i = 0; i < variance->group_count; i++) {
        if (variance->counts[i] == 0)
            continue;
        double difference = variance->sums[i] / (double)variance->counts[i] - variance->mean;
        between += (double)variance->counts[i] * difference * difference;
    }
    return between / variance->total;
}

static int compare_doubles(const void *left, const void *right)
{
    double a = *(const double *)left, b = *(const double *)right;

    return (a > b) - (a < b);
}

void sample_sort(double *values, size_t count) { qsort(values, count, sizeof(*values), compare_doubles); }

static struct sample_index compare_with_permutations(struct variance *variance, const uint32_t *groups,
                                                     const double *output, size_t count, size_t permutations,
                                                     uint64_t seed)
{
    double *shuffled = malloc(count * sizeof(*shuffled)), *null = malloc((permutations + 1) * sizeof(*null)), mean = 0;
    double value = explained(variance, groups, output, count);
    struct rng rng;

    CHECK(shuffled != NULL && null != NULL && permutations > 0);
    memcpy(shuffled, output, count * sizeof(*shuffled));
    rng_init(&rng, seed, 0, RNG_SAMPLE);
    for (size_t i = 0; i < permutations; i++) {
        for (size_t left = count; left > 1; left--) {
            size_t other = (size_t)rng_below(&rng, left);
            double item = shuffled[left - 1];

            shuffled[left - 1] = shuffled[other];
            shuffled[other] = item;
        }
        null[i] = explained(variance, groups, shuffled, count);
        mean += null[i] / (double)permutations;
    }
    sample_sort(null, permutations);
    /* Groups explain the share `mean` of what no input explains, by chance. */
    double scale = mean < 1 ? 1 - mean : 1;
    struct sample_index index = { (value - mean) / scale, (null[(permutations * 95 + 99) / 100 - 1] - mean) / scale };
    free(shuffled);
    free(null);
    return index;
}

struct sample_index sample_index_first(const uint32_t *groups, size_t group_count, const double *output, size_t count,
                                       size_t permutations, uint64_t seed)
{
    struct variance variance = { .group_count = group_count };
    struct sample_index index = { 0, 0 };

    for (size_t i = 0; i < count; i++)
        variance.mean += output[i] / (double)count;
    for (size_t i = 0; i < count; i++)
        variance.total += (output[i] - variance.mean) * (output[i] - variance.mean);
    if (count == 0 || !(variance.total > 0))
        return index;
    variance.sums = calloc(group_count, sizeof(*variance.sums));
    variance.counts = calloc(group_count, sizeof(*variance.counts));
    CHECK(variance.sums != NULL && variance.counts != NULL);
    index = compare_with_permutations(&variance, groups, output, count, permutations, seed);
    free(variance.sums);
    free(variance.counts);
    return index;
}

struct sample_interval sample_share(size_t hits, size_t count)
{
    const double z = 1.959963984540054; /* 97.5 % quantile of the normal distribution */

    if (count == 0)
        return (struct sample_interval){ 0, 1 };
    double n = (double)count, p = (double)hits / n, scale = 1 + z * z / n;
    double middle = (p + z * z / (2 * n)) / scale;
    double half = z / scale * sqrt(p * (1 - p) / n + z * z / (4 * n * n));
    return (struct sample_interval){ hits == 0 ? 0 : middle - half, hits == count ? 1 : middle + half };
}
