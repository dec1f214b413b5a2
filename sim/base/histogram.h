/* SPDX-License-Identifier: Apache-2.0
 *
 * Log-linear histogram of u64 values (HdrHistogram's layout idea): 128 linear steps to each power of two, so that a
 * quantile is at most 0.8 % off; count, sum, minimum and maximum are exact. Mergeable, no allocation while recording.
 */
#ifndef BASE_HISTOGRAM_H
#define BASE_HISTOGRAM_H

#include <stdint.h>

#define HISTOGRAM_STEP_BITS 7
#define HISTOGRAM_BUCKETS ((50 - HISTOGRAM_STEP_BITS + 1) << HISTOGRAM_STEP_BITS)

struct histogram {
    uint64_t count, sum, minimum, maximum; /* minimum is UINT64_MAX while count is 0 */
    uint64_t buckets[HISTOGRAM_BUCKETS];   /* values from 2^50 on land in the last one */
};

void histogram_init(struct histogram *histogram);
void histogram_record(struct histogram *histogram, uint64_t value);
void histogram_merge(struct histogram *into, const struct histogram *from);

/* Smallest recorded-bucket upper value with at least permyriad/10000 of the counts at or below it, clamped to
 * [minimum, maximum]; 0 when empty. permyriad in 0..10000. */
uint64_t histogram_quantile(const struct histogram *histogram, uint32_t permyriad);

/* The lowest and highest value that share bucket `index`. */
void histogram_bucket_range(uint32_t index, uint64_t *lowest, uint64_t *highest);

#endif
