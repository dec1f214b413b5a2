/* SPDX-License-Identifier: Apache-2.0
 *
 * The host's clock and medians, for the benchmark programs. Contenders are timed in interleaved rounds of one process
 * and compared by the median of the rounds' ratios, because the speed of a shared machine drifts.
 */
#ifndef BENCH_MEASURE_H
#define BENCH_MEASURE_H

#include <stddef.h>
#include <stdint.h>
#include <stdlib.h>
#include <time.h>

static inline uint64_t measure_clock_ns(void)
{
    struct timespec time;

    clock_gettime(CLOCK_MONOTONIC, &time);
    return (uint64_t)time.tv_sec * 1000000000u + (uint64_t)time.tv_nsec;
}

static inline int measure_compare(const void *a, const void *b)
{
    double x = *(const double *)a, y = *(const double *)b;

    return (x > y) - (x < y);
}

/* Sorts the values; count > 0. */
static inline double measure_median(double *values, size_t count)
{
    qsort(values, count, sizeof(*values), measure_compare);
    return count % 2 == 1 ? values[count / 2] : (values[count / 2 - 1] + values[count / 2]) / 2;
}

#endif
