/* SPDX-License-Identifier: Apache-2.0
 *
 * What a run hands to its result: named numbers and histograms. A number is a quotient of two integers, so that it is
 * exact until the report divides once.
 *
 * A metric is one row of a table: its name, its unit, what it means, and where in a record its number stands. Whoever
 * counts in that record reports it by the table, so that nothing is reported that has no row. The name of a row is a
 * pattern: a single capital letter as a component stands for any name (a guest, a device, a lock).
 */
#ifndef BASE_METRIC_H
#define BASE_METRIC_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

struct histogram;

#define METRIC_NAME_BYTES 96

/* --- rows --- */

/* Which direction is an improvement; neutral are metrics that describe the load rather than judge the design. */
enum metric_better { METRIC_LOWER, METRIC_HIGHER, METRIC_NEUTRAL };

enum metric_source {
    METRIC_SOURCE_ELSEWHERE, /* not in a record: the writer of a report knows the number */
    METRIC_SOURCE_NUMBER,    /* at */
    METRIC_SOURCE_QUOTIENT,  /* at / per; times 100 where the unit is "%" */
    METRIC_SOURCE_QUANTILE,  /* of the histogram at `at`, as its count and mean */
    METRIC_SOURCE_COUNT,
    METRIC_SOURCE_MEAN,
    METRIC_SOURCE_DISTRIBUTION, /* the histogram itself, for plots: no number of the report */
};

struct metric_row {
    const char *name; /* "guests.G.steal.percent" */
    const char *unit; /* "%", "ns", "s", "bytes", "1/s", "count", "ratio" */
    enum metric_better better;
    const char *meaning;

    /* Filled in by one of the macros below. */
    enum metric_source source;
    bool is_cycles;     /* the record has cycles, the report nanoseconds */
    uint32_t permyriad; /* of the quantile */
    size_t at, per;     /* offsets of a uint64_t or of a pointer to a histogram in the record */
};

struct metric_table {
    const struct metric_row *rows;
    size_t count;
};

#define METRIC_TABLE(array) \
    { \
        (array), sizeof(array) / sizeof(*(array)) \
    }

/* Where a row's number stands; RECORD is a type, FIELD a designator of a uint64_t in it, HISTOGRAM one of a pointer. A
 * field of another type does not compile. */
#define METRIC_FIELD(record, field) _Generic(((record *)0)->field, uint64_t : offsetof(record, field))
#define METRIC_HISTOGRAM(record, field) _Generic(((record *)0)->field, struct histogram * : offsetof(record, field))

#define METRIC_AT(record, field) .source = METRIC_SOURCE_NUMBER, .at = METRIC_FIELD(record, field)
#define METRIC_CYCLES_AT(record, field) METRIC_AT(record, field), .is_cycles = true
#define METRIC_PER(record, field, divisor) \
    .source = METRIC_SOURCE_QUOTIENT, .at = METRIC_FIELD(record, field), .per = METRIC_FIELD(record, divisor)
#define METRIC_CYCLES_PER(record, field, divisor) METRIC_PER(record, field, divisor), .is_cycles = true
#define METRIC_OF(record, histogram, what) .source = METRIC_SOURCE_##what, .at = METRIC_HISTOGRAM(record, histogram)
#define METRIC_QUANTILE(record, histogram, of_10000) METRIC_OF(record, histogram, QUANTILE), .permyriad = (of_10000)
#define METRIC_ELSEWHERE .source = METRIC_SOURCE_ELSEWHERE

/* Whether the name is one that the pattern stands for. */
bool metric_name_matches(const char *pattern, const char *name);

/* --- what a run hands over --- */

struct metric {
    char name[METRIC_NAME_BYTES];
    uint64_t numerator;
    uint64_t denominator; /* 1 for counts; 0 means "no observation", reported as null */
};

struct metric_histogram {
    char name[METRIC_NAME_BYTES]; /* for example devices.vf.latency, in ns */
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

/* Appends all rows of the table, with their numbers as the record has them. `name` takes the place of the patterns'
 * capital letter; NULL where they have none. `clock_hz`: of the record's cycles. CHECKs that each name is new. */
void metrics_report(struct metrics *metrics, const struct metric_table *table, const void *record, uint64_t clock_hz,
                    const char *name);

/* Append by name, for readers of what was reported before. CHECK that the name is new; the histogram is copied. */
void metrics_append(struct metrics *metrics, const char *name, uint64_t numerator, uint64_t denominator);
void metrics_append_histogram(struct metrics *metrics, const char *name, const struct histogram *histogram);

/* NULL when there is none of that name. */
const struct metric *metric_find(const struct metrics *metrics, const char *name);

/* The one division: numerator/denominator; NaN when the denominator is 0. */
double metric_value(const struct metric *metric);

/* Adds up records that consist of uint64_t and nothing else. */
void counters_add(void *into, const void *from, size_t bytes);

#endif
