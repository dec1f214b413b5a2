/* SPDX-License-Identifier: Apache-2.0
 *
 * The metrics of a run: named numbers and histograms. A number is a quotient of two integers and stays exact until a
 * report divides.
 *
 * A metric is described by one row of a table: name, unit, meaning, and the field of a record that holds its number.
 * The code that counts in a record reports the record through the table, so every reported metric has a row. The name
 * of a row is a pattern: a component that is a single capital letter stands for any name (a guest, a device, a lock).
 */
#ifndef BASE_METRIC_H
#define BASE_METRIC_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

struct histogram;

#define METRIC_NAME_BYTES 96

/* --- rows --- */

/* Which direction is an improvement. Neutral metrics describe the load rather than the quality of a design. */
enum metric_better { METRIC_LOWER, METRIC_HIGHER, METRIC_NEUTRAL };

enum metric_source {
    METRIC_SOURCE_ELSEWHERE, /* not in a record; the code that writes the report supplies the number */
    METRIC_SOURCE_NUMBER,    /* the field `at` */
    METRIC_SOURCE_QUOTIENT,  /* at / per; times 100 where the unit is "%" */
    METRIC_SOURCE_QUANTILE,  /* of the histogram that the field `at` points to; so are the next three */
    METRIC_SOURCE_COUNT,
    METRIC_SOURCE_MEAN,
    METRIC_SOURCE_DISTRIBUTION, /* the whole histogram, for plots; reports do not print it */
};

struct metric_row {
    const char *name; /* "guests.G.steal.percent" */
    const char *unit; /* "%", "ns", "s", "bytes", "1/s", "count", "ratio" */
    enum metric_better better;
    const char *meaning;

    /* Filled in by one of the macros below. */
    enum metric_source source;
    bool is_cycles;     /* the record holds cycles; the report shows nanoseconds */
    uint32_t permyriad; /* which quantile, in 1/10000 */
    size_t at, per;     /* offsets in the record of a uint64_t or of a pointer to a histogram */
};

struct metric_table {
    const struct metric_row *rows;
    size_t count;
};

#define METRIC_TABLE(array) \
    { \
        (array), sizeof(array) / sizeof(*(array)) \
    }

/* Initialisers for the source of a row. RECORD is a type, FIELD and DIVISOR name a uint64_t in it, HISTOGRAM names a
 * pointer to a histogram. A field of another type does not compile. */
#define METRIC_FIELD(record, field) _Generic(((record *)0)->field, uint64_t : offsetof(record, field))
#define METRIC_HISTOGRAM(record, field) _Generic(((record *)0)->field, struct histogram * : offsetof(record, field))

#define METRIC_AT(record, field) .source = METRIC_SOURCE_NUMBER, .at = METRIC_FIELD(record, field)
#define METRIC_CYCLES_AT(record, field) METRIC_AT(record, field), .is_cycles = true
#define METRIC_PER(record, field, divisor) \
    .source = METRIC_SOURCE_QUOTIENT, .at = METRIC_FIELD(record, field), .per = METRIC_FIELD(record, divisor)
#define METRIC_CYCLES_PER(record, field, divisor) METRIC_PER(record, field, divisor), .is_cycles = true
#define METRIC_OF(record, histogram, what) .source = METRIC_SOURCE_##what, .at = METRIC_HISTOGRAM(record, histogram)
#define METRIC_QUANTILE(record, histogram, of_10000) METRIC_OF(record, histogram, QUANTILE), .permyriad = (of_10000)
/* The rows of a latency: "irq.latency.p50_ns" to "irq.latency.max_ns". They are null without a recorded value. */
#define METRIC_PERCENTILE(name, meaning, record, histogram, of_10000) \
    { \
        name, "ns", METRIC_LOWER, meaning, METRIC_QUANTILE(record, histogram, of_10000) \
    }
#define METRIC_PERCENTILES(name, meaning, record, histogram) \
    METRIC_PERCENTILE(name ".p50_ns", meaning ", median", record, histogram, 5000), \
        METRIC_PERCENTILE(name ".p90_ns", meaning ", 90th percentile", record, histogram, 9000), \
        METRIC_PERCENTILE(name ".p95_ns", meaning ", 95th percentile", record, histogram, 9500), \
        METRIC_PERCENTILE(name ".p99_ns", meaning ", 99th percentile", record, histogram, 9900), \
        METRIC_PERCENTILE(name ".p999_ns", meaning ", 99.9th percentile", record, histogram, 9990), \
        METRIC_PERCENTILE(name ".max_ns", meaning ", longest", record, histogram, 10000)
#define METRIC_ELSEWHERE .source = METRIC_SOURCE_ELSEWHERE

/* Returns whether the name matches the pattern. */
bool metric_name_matches(const char *pattern, const char *name);

/* --- the metrics of a run --- */

struct metric {
    char name[METRIC_NAME_BYTES];
    uint64_t numerator;
    uint64_t denominator; /* 1 for counts; 0 means "no observation", reported as null */
};

struct metric_histogram {
    char name[METRIC_NAME_BYTES]; /* for example devices.vf.latency, in ns */
    struct histogram *histogram;
};

/* Growing arrays on the heap. The caller of metrics_init releases them with metrics_free. */
struct metrics {
    struct metric *rows;
    size_t count, capacity;
    struct metric_histogram *histograms;
    size_t histogram_count, histogram_capacity;
};

void metrics_init(struct metrics *metrics);
void metrics_free(struct metrics *metrics);

/* Appends a metric for every row of the table, with the numbers in the record. `name` replaces the capital letter of
 * the patterns and is NULL for patterns without one. `clock_hz` is the frequency of the record's cycles. CHECKs that
 * each name is new, and that no number was decreased below zero. */
void metrics_report(struct metrics *metrics, const struct metric_table *table, const void *record, uint64_t clock_hz,
                    const char *name);

/* Append a metric, or a copy of a histogram, by its full name. CHECK that the name is new. */
void metrics_append(struct metrics *metrics, const char *name, uint64_t numerator, uint64_t denominator);
void metrics_append_histogram(struct metrics *metrics, const char *name, const struct histogram *histogram);

/* Returns NULL when no metric has this name. */
const struct metric *metric_find(const struct metrics *metrics, const char *name);

/* Returns numerator / denominator; NaN when the denominator is 0. */
double metric_value(const struct metric *metric);

/* Adds the record `from` to `into`, field by field. Both must consist of uint64_t only; `bytes` is their size. */
void counters_add(void *into, const void *from, size_t bytes);

#endif
