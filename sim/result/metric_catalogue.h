/* SPDX-License-Identifier: Apache-2.0
 *
 * What each metric means: unit, which direction is better, one sentence. A pattern stands for a family of names: a
 * single capital letter as a component for any name (guest, device, lock, category).
 */
#ifndef RESULT_METRIC_CATALOGUE_H
#define RESULT_METRIC_CATALOGUE_H

#include <stddef.h>
#include <stdint.h>

enum metric_better { METRIC_LOWER, METRIC_HIGHER, METRIC_NEUTRAL };

struct metric_description {
    const char *pattern; /* "guests.G.steal.percent" */
    const char *unit;    /* "%", "ns", "s", "bytes", "1/s", "count", "ratio" */
    enum metric_better better;
    const char *meaning;
};

extern const struct metric_description metric_catalogue[];
extern const size_t metric_catalogue_count;

/* The first row whose pattern matches, or NULL. */
const struct metric_description *metric_describe(const char *name);

/* The unit: of the row, or of the name's ending for metrics that the catalogue doesn't list. */
const char *metric_unit(const char *name);

enum metric_better metric_better(const char *name);

/* "lower", "higher", "neutral" */
const char *metric_better_name(enum metric_better better);

/* Sorts names as a report shows them: by row of the catalogue, then by name. For qsort of const char *. */
int metric_name_compare(const char *left, const char *right);

#define METRIC_TEXT_BYTES 32

/* A number for people, about four digits of it: "35.70" (%), "2.41 us" (ns), "12.3M" (count), "-" for NaN. */
void metric_format(double value, const char *unit, char text[METRIC_TEXT_BYTES]);

#endif
