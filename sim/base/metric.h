/* SPDX-License-Identifier: Apache-2.0
 *
 * What a run hands to its result: named numbers and histograms. A number is a quotient of two integers, so that it is
 * exact until the report divides once. Names are the flat dotted names of `irqpath list metrics`.
 */
#ifndef BASE_METRIC_H
#define BASE_METRIC_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

struct histogram;

struct metric {
    char name[96];
    uint64_t numerator;
    uint64_t denominator; /* 1 for counts; 0 means "no observation", reported as null */
};

struct metric_histogram {
    char name[96]; /* for example devices.vf.latency, in ns */
    struct histogram *histogram;
};

/* Growing lists on the heap, owned by whoever called metrics_init. */
struct metrics {
    struct metric *rows;
    size_t count, capacity;
    struct metric_histogram *histograms;
    size_t histogram_count, histogram_capacity;
};

void metrics_init(struct metrics *metrics);
void metrics_free(struct metrics *metrics);

/* Appends a row; `format` makes the name. CHECKs that the name is new. */
void metric_ratio(struct metrics *metrics, uint64_t numerator, uint64_t denominator, const char *format, ...)
    __attribute__((format(printf, 4, 5)));

/* metric_ratio(metrics, value, 1, ...). */
void metric_count(struct metrics *metrics, uint64_t value, const char *format, ...)
    __attribute__((format(printf, 3, 4)));

/* Copies the histogram. */
void metric_distribution(struct metrics *metrics, const struct histogram *histogram, const char *format, ...)
    __attribute__((format(printf, 3, 4)));

/* NULL when there is none of that name. */
const struct metric *metric_find(const struct metrics *metrics, const char *name);

/* The one division: numerator/denominator; NaN when the denominator is 0. */
double metric_value(const struct metric *metric);

#endif
