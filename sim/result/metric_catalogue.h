/* SPDX-License-Identifier: Apache-2.0
 *
 * What each metric means: the rows that the families and the engine report by, all together. A pattern stands for many
 * names: a single capital letter as a component for any name (guest, device, lock, category).
 */
#ifndef RESULT_METRIC_CATALOGUE_H
#define RESULT_METRIC_CATALOGUE_H

#include <stdbool.h>
#include <stddef.h>

#include "base/metric.h"
#include "models/registry.h"

/* All rows in the order of reports; the array is to be freed. */
const struct metric_row **metric_catalogue_new(size_t *count);

/* The first row whose pattern matches, or NULL. */
const struct metric_row *metric_describe(const char *name);

/* Whether the row is the family's or, as the engine's are, that of every family. */
bool metric_is_reported_by(const struct metric_row *row, const struct family *family);

/* The unit: of the row, or of the name's ending for metrics that have none. */
const char *metric_unit(const char *name);

enum metric_better metric_better(const char *name);

/* "lower", "higher", "neutral" */
const char *metric_better_name(enum metric_better better);

/* Sorts names as a report shows them: by subject, by row, then by name. For qsort of const char *. */
int metric_name_compare(const char *left, const char *right);

#define METRIC_TEXT_BYTES 32

/* A number for people, about four digits of it: "35.70" (%), "2.41 us" (ns), "12.3M" (count), "-" for NaN. */
void metric_format(double value, const char *unit, char text[METRIC_TEXT_BYTES]);

#endif
