/* SPDX-License-Identifier: Apache-2.0
 *
 * Log-linear histogram of u64 values with the bucket layout of HdrHistogram: each power of two has 128 linear steps,
 * so that a quantile is off by at most 0.8 %. Count, sum, minimum and maximum are exact. Histograms can be merged, and
 * recording does not allocate.
 */
#ifndef BASE_HISTOGRAM_H
#define BASE_HISTOGRAM_H

#include <stdint.h>

#define HISTOGRAM_STEP_BITS 7
#define HISTOGRAM_BUCKETS ((50 - HISTOGRAM_STEP_BITS + 1) << HISTOGRAM_STEP_BITS)

struct histogram {
    uint64_t count, sum, minimum, maximum; /* minimum is UINT64_MAX while count is 0 */
    uint64_t buckets[HISTOGRAM_BUCKETS];   /* values of 2^50 and more count in the last one */
};

void histogram_init(struct histogram *histogram);
void histogram_record(struct histogram *histogram, uint64_t value);
void histogram_merge(struct histogram *into, const struct histogram *from);

/* Returns the upper limit of the first bucket at or below which at least permyriad/10000 of all values lie, clamped to
 * [minimum, maximum]; 0 for an empty histogram. permyriad is in 0..10000. */
uint64_t histogram_quantile(const struct histogram *histogram, uint32_t permyriad);

/* Stores the lowest and the highest value that count in bucket `index`. */
void histogram_bucket_range(uint32_t index, uint64_t *lowest, uint64_t *highest);

#endif
