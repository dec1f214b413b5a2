/* SPDX-License-Identifier: Apache-2.0
 *
 * The catalogue of all metrics: the rows of the families and of the engine, with units and meanings. In the name of a
 * row, a component that is a single capital letter stands for any name (guest, device, lock, category).
 */
#ifndef RESULT_METRIC_CATALOGUE_H
#define RESULT_METRIC_CATALOGUE_H

#include <stdbool.h>
#include <stddef.h>

#include "base/metric.h"
#include "models/registry.h"

/* Returns all rows in the order of reports. The caller frees the array. */
const struct metric_row **metric_catalogue_new(size_t *count);

/* Returns the first row whose pattern matches the name, or NULL. */
const struct metric_row *metric_describe(const char *name);

/* Returns whether runs of the family report the row: it is a row of the family or of the engine. */
bool metric_is_reported_by(const struct metric_row *row, const struct family *family);

/* Returns the unit of a metric: that of its row, or the one its name ends in when no row matches. */
const char *metric_unit(const char *name);

enum metric_better metric_better(const char *name);

/* "lower", "higher", "neutral" */
const char *metric_better_name(enum metric_better better);

/* Puts names in the order of reports (by subject, by row, then by name), each once, and returns how many are left. */
size_t metric_names_sort(const char **names, size_t count);

#define METRIC_TEXT_BYTES 32

/* Formats a number with about four digits: "35.70" (%), "2.41 us" (ns), "12.3M" (count), "-" for NaN. */
void metric_format(double value, const char *unit, char text[METRIC_TEXT_BYTES]);

#endif
