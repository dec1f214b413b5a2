/* SPDX-License-Identifier: Apache-2.0
 *
 * Reports records through their metric rows and stores named numbers and histograms in growing arrays. Lookup by name
 * is linear, the newest entry first.
 */
#include "base/metric.h"

#include <ctype.h>
#include <math.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "base/check.h"
#include "base/cycles.h"
#include "base/histogram.h"

/* --- names --- */

/* Whether the pattern has at this position a component that is a single capital letter. */
static bool is_wildcard(const char *pattern, const char *start)
{
    return isupper((unsigned char)pattern[0]) && (pattern == start || pattern[-1] == '.') &&
           (pattern[1] == '.' || pattern[1] == '\0');
}

static bool rest_matches(const char *pattern, const char *start, const char *name)
{
    while (*pattern != '\0') {
        if (is_wildcard(pattern, start)) {
            for (const char *rest = name; *rest != '\0';)
                if (rest_matches(pattern + 1, start, ++rest))
                    return true;
            return false;
        }
        if (*pattern++ != *name++)
            return false;
    }
    return *name == '\0';
}

bool metric_name_matches(const char *pattern, const char *name) { return rest_matches(pattern, pattern, name); }

/* The pattern with `wildcard` in place of its capital letter. */
static void name_make(char name[METRIC_NAME_BYTES], const char *pattern, const char *wildcard)
{
    const char *letter = pattern;

    while (*letter != '\0' && !is_wildcard(letter, pattern))
        letter++;
    CHECK((*letter != '\0') == (wildcard != NULL));
    int length = *letter == '\0' ? snprintf(name, METRIC_NAME_BYTES, "%s", pattern)
                                 : snprintf(name, METRIC_NAME_BYTES, "%.*s%s%s", (int)(letter - pattern), pattern,
                                            wildcard, letter + 1);
    CHECK(length > 0 && length < METRIC_NAME_BYTES);
}

/* --- reports --- */

struct report {
    const char *record;
    uint64_t clock_hz;
};

/* No counter comes near the upper half of its range, but one that was decreased below zero is there. */
static uint64_t number_at(const struct report *report, size_t offset)
{
    uint64_t number;

    memcpy(&number, report->record + offset, sizeof(number));
    CHECK(number <= INT64_MAX);
    return number;
}

static const struct histogram *histogram_at(const struct report *report, size_t offset)
{
    const struct histogram *histogram;

    memcpy(&histogram, report->record + offset, sizeof(histogram));
    return histogram;
}

/* The numerator in the unit of the record. */
static uint64_t raw_numerator(const struct report *report, const struct metric_row *row)
{
    switch (row->source) {
    case METRIC_SOURCE_NUMBER:
    case METRIC_SOURCE_QUOTIENT:
        return number_at(report, row->at);
    case METRIC_SOURCE_COUNT:
        return histogram_at(report, row->at)->count;
    case METRIC_SOURCE_MEAN:
        return histogram_at(report, row->at)->sum;
    case METRIC_SOURCE_QUANTILE:
        return histogram_quantile(histogram_at(report, row->at), row->permyriad);
    default:
        CHECK(!"the source of a row with a number in the record");
        return 0;
    }
}

static uint64_t numerator_of(const struct report *report, const struct metric_row *row)
{
    uint64_t number = raw_numerator(report, row);

    if (row->is_cycles)
        number = cycles_to_ns(number, report->clock_hz);
    return strcmp(row->unit, "%") == 0 ? number * 100 : number;
}

static uint64_t denominator_of(const struct report *report, const struct metric_row *row)
{
    switch (row->source) {
    case METRIC_SOURCE_QUOTIENT:
        return number_at(report, row->per);
    case METRIC_SOURCE_MEAN:
        return histogram_at(report, row->at)->count;
    case METRIC_SOURCE_QUANTILE: /* of nothing there is none */
        return histogram_at(report, row->at)->count == 0 ? 0 : 1;
    default:
        return 1;
    }
}

void metrics_report(struct metrics *metrics, const struct metric_table *table, const void *record, uint64_t clock_hz,
                    const char *name)
{
    const struct report report = { record, clock_hz };

    for (size_t i = 0; i < table->count; i++) {
        const struct metric_row *row = &table->rows[i];
        char full_name[METRIC_NAME_BYTES];
        name_make(full_name, row->name, name);
        if (row->source == METRIC_SOURCE_DISTRIBUTION)
            metrics_append_histogram(metrics, full_name, histogram_at(&report, row->at));
        else
            metrics_append(metrics, full_name, numerator_of(&report, row), denominator_of(&report, row));
    }
}

void counters_add(void *into, const void *from, size_t bytes)
{
    CHECK(bytes % sizeof(uint64_t) == 0);
    for (size_t i = 0; i < bytes / sizeof(uint64_t); i++)
        ((uint64_t *)into)[i] += ((const uint64_t *)from)[i];
}

/* --- lists --- */

void metrics_init(struct metrics *metrics) { *metrics = (struct metrics){ .rows = NULL }; }

void metrics_free(struct metrics *metrics)
{
    for (size_t i = 0; i < metrics->histogram_count; i++)
        free(metrics->histograms[i].histogram);
    free(metrics->histograms);
    free(metrics->rows);
    metrics_init(metrics);
}

/* Makes room for one more element after `count`. */
static void *list_grow(void *list, size_t count, size_t *capacity, size_t element_bytes)
{
    if (count < *capacity)
        return list;
    *capacity = *capacity == 0 ? 64 : *capacity * 2;
    list = realloc(list, *capacity * element_bytes);
    CHECK(list != NULL);
    return list;
}

static void name_copy(char copy[METRIC_NAME_BYTES], const char *name)
{
    int length = snprintf(copy, METRIC_NAME_BYTES, "%s", name);

    CHECK(length > 0 && length < METRIC_NAME_BYTES);
}

void metrics_append(struct metrics *metrics, const char *name, uint64_t numerator, uint64_t denominator)
{
    struct metric row = { .numerator = numerator, .denominator = denominator };

    name_copy(row.name, name);
    CHECK(metric_find(metrics, row.name) == NULL);
    metrics->rows = list_grow(metrics->rows, metrics->count, &metrics->capacity, sizeof(row));
    metrics->rows[metrics->count++] = row;
}

void metrics_append_histogram(struct metrics *metrics, const char *name, const struct histogram *histogram)
{
    struct metric_histogram row;

    name_copy(row.name, name);
    for (size_t i = 0; i < metrics->histogram_count; i++)
        CHECK(strcmp(metrics->histograms[i].name, row.name) != 0);
    row.histogram = malloc(sizeof(*histogram));
    CHECK(row.histogram != NULL);
    *row.histogram = *histogram;
    metrics->histograms =
        list_grow(metrics->histograms, metrics->histogram_count, &metrics->histogram_capacity, sizeof(row));
    metrics->histograms[metrics->histogram_count++] = row;
}

const struct metric *metric_find(const struct metrics *metrics, const char *name)
{
    for (size_t i = metrics->count; i > 0; i--)
        if (strcmp(metrics->rows[i - 1].name, name) == 0)
            return &metrics->rows[i - 1];
    return NULL;
}

double metric_value(const struct metric *metric)
{
    return metric->denominator == 0 ? (double)NAN : (double)metric->numerator / (double)metric->denominator;
}
