/* SPDX-License-Identifier: Apache-2.0
 *
 * The histograms of results in documents: the distributions behind the percentiles. Adjacent buckets of the results,
 * each at most 0.8 % wide, are merged: 8 for each power of two in JSON and CSV, 2 in the text. Count, sum, minimum and
 * maximum are exact.
 */
#ifndef RESULT_HISTOGRAMS_H
#define RESULT_HISTOGRAMS_H

#include <jansson.h>
#include <stdio.h>

#include "result/result.h"

/* Returns {"irq.latency": {"unit", "count", "sum", "min", "max", "buckets": [[lowest, highest, count], ...]}, ...};
 * only buckets with a value are listed; min and max are null without a value. */
json_t *histograms_to_json(const struct result *result);

/* Prints scenario,design,seed,metric,lowest,highest,count,unit and the axes, a line for each bucket with a value. */
void histograms_print_csv(const struct result_set *set, FILE *out);

/* Prints for each histogram with a value a table with a bar for each bucket from the smallest to the largest value. */
void histograms_print_text(const struct result_set *set, FILE *out);

#endif
