/* SPDX-License-Identifier: Apache-2.0
 *
 * Bucket layout: each value below 2^7 has a bucket of its own; above that, each power of two is divided into 2^7 equal
 * buckets.
 */
#include "base/histogram.h"

#include "base/check.h"
#include "base/cycles.h"

#define STEPS (1u << HISTOGRAM_STEP_BITS)

void histogram_init(struct histogram *histogram) { *histogram = (struct histogram){ .minimum = UINT64_MAX }; }

static uint32_t bucket_of(uint64_t value)
{
    uint32_t shift;

    if (value < STEPS)
        return (uint32_t)value;
    shift = 63 - HISTOGRAM_STEP_BITS - (uint32_t)__builtin_clzll(value);
    if (shift + HISTOGRAM_STEP_BITS >= CYCLES_BITS)
        return HISTOGRAM_BUCKETS - 1;
    return (shift << HISTOGRAM_STEP_BITS) + (uint32_t)(value >> shift);
}

void histogram_bucket_range(uint32_t index, uint64_t *lowest, uint64_t *highest)
{
    uint32_t shift;

    CHECK(index < HISTOGRAM_BUCKETS);
    if (index < STEPS) {
        *lowest = *highest = index;
        return;
    }
    shift = (index >> HISTOGRAM_STEP_BITS) - 1;
    *lowest = (uint64_t)(index - (shift << HISTOGRAM_STEP_BITS)) << shift;
    *highest = index == HISTOGRAM_BUCKETS - 1 ? UINT64_MAX : *lowest + ((uint64_t)1 << shift) - 1;
}

void histogram_record(struct histogram *histogram, uint64_t value)
{
    histogram->count++;
    histogram->sum += value;
    if (value < histogram->minimum)
        histogram->minimum = value;
    if (value > histogram->maximum)
        histogram->maximum = value;
    histogram->buckets[bucket_of(value)]++;
}

void histogram_merge(struct histogram *into, const struct histogram *from)
{
    into->count += from->count;
    into->sum += from->sum;
    if (from->minimum < into->minimum)
        into->minimum = from->minimum;
    if (from->maximum > into->maximum)
        into->maximum = from->maximum;
    for (uint32_t i = 0; i < HISTOGRAM_BUCKETS; i++)
        into->buckets[i] += from->buckets[i];
}

uint64_t histogram_quantile(const struct histogram *histogram, uint32_t permyriad)
{
    uint64_t lowest, highest = 0, seen = 0, needed;
    uint32_t index = 0;

    CHECK(permyriad <= 10000);
    if (histogram->count == 0)
        return 0;
    needed = (uint64_t)(((uint128)histogram->count * permyriad + 9999) / 10000);
    if (needed == 0)
        needed = 1;
    while ((seen += histogram->buckets[index]) < needed)
        index++;
    histogram_bucket_range(index, &lowest, &highest);
    if (highest < histogram->minimum)
        return histogram->minimum;
    return highest < histogram->maximum ? highest : histogram->maximum;
}
