/* SPDX-License-Identifier: Apache-2.0
 *
 * Growing lists of named numbers and histograms. A name is looked up by walking the list, newest first.
 */
#include "base/metric.h"

#include <math.h>
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "base/check.h"
#include "base/histogram.h"

void metrics_init(struct metrics *metrics) { *metrics = (struct metrics){ .rows = NULL }; }

void metrics_free(struct metrics *metrics)
{
    for (size_t i = 0; i < metrics->histogram_count; i++)
        free(metrics->histograms[i].histogram);
    free(metrics->histograms);
    free(metrics->rows);
    metrics_init(metrics);
}

/* Room for one more element behind `count`. */
static void *list_grow(void *list, size_t count, size_t *capacity, size_t element_bytes)
{
    if (count < *capacity)
        return list;
    *capacity = *capacity == 0 ? 64 : *capacity * 2;
    list = realloc(list, *capacity * element_bytes);
    CHECK(list != NULL);
    return list;
}

static void name_format(char name[96], const char *format, va_list arguments)
{
    int length = vsnprintf(name, 96, format, arguments);

    CHECK(length > 0 && length < 96);
}

static void ratio_append(struct metrics *metrics, uint64_t numerator, uint64_t denominator, const char *format,
                         va_list arguments)
{
    struct metric row = { .numerator = numerator, .denominator = denominator };

    name_format(row.name, format, arguments);
    CHECK(metric_find(metrics, row.name) == NULL);
    metrics->rows = list_grow(metrics->rows, metrics->count, &metrics->capacity, sizeof(row));
    metrics->rows[metrics->count++] = row;
}

void metric_ratio(struct metrics *metrics, uint64_t numerator, uint64_t denominator, const char *format, ...)
{
    va_list arguments;

    va_start(arguments, format);
    ratio_append(metrics, numerator, denominator, format, arguments);
    va_end(arguments);
}

void metric_count(struct metrics *metrics, uint64_t value, const char *format, ...)
{
    va_list arguments;

    va_start(arguments, format);
    ratio_append(metrics, value, 1, format, arguments);
    va_end(arguments);
}

void metric_distribution(struct metrics *metrics, const struct histogram *histogram, const char *format, ...)
{
    struct metric_histogram row;
    va_list arguments;

    va_start(arguments, format);
    name_format(row.name, format, arguments);
    va_end(arguments);
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
