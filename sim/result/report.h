/* SPDX-License-Identifier: Apache-2.0
 *
 * Results as documents: a summary for people, and CSV, Markdown and JSON that hold every metric. Numbers are exact
 * where they are integers; a quotient is divided once. Wall-clock figures appear only in the JSON of a run that just
 * ended.
 */
#ifndef RESULT_REPORT_H
#define RESULT_REPORT_H

#include <jansson.h>
#include <stdbool.h>
#include <stdio.h>

#include "result/result.h"

/* Guests, interrupts, locks, pCPUs in aligned tables. */
void result_print_summary(const struct result *result, FILE *out, bool use_colour);

/* One line a result: its axes, design, seed and the figures that tell designs apart. */
void result_set_print_overview(const struct result_set *set, FILE *out, bool use_colour);

/* Tidy: scenario,design,seed,metric,value,unit and one more column for each axis of a sweep. */
void result_set_print_csv(const struct result_set *set, FILE *out);

void result_set_print_markdown(const struct result_set *set, FILE *out);

/* {"scenario","design","seed","metrics":{NAME:number}}, and "axes" and "partial" where there is something to say. */
json_t *result_to_json(const struct result *result);

/* The object for one result, an array for several. */
json_t *result_set_to_json(const struct result_set *set);

/* null for NaN; integers that a double cannot hold become strings. */
json_t *json_from_metric(const struct metric *metric);
json_t *json_from_double(double value);
json_t *json_from_u64(uint64_t value);

/* Sorted keys, two blanks of indentation, a newline at the end; `json` is released. */
void json_print(json_t *json, FILE *out);

/* Names of all metrics of the result in the order of reports; the array is to be freed, the names are borrowed. */
const char **result_metric_names(const struct result *result);

/* "softirq-gated crashes at 1.2 ms on CPU 1, modelled-bug: ..."; of a result that has a violation. */
void result_violation_text(const struct result *result, char *text, size_t text_bytes);

#endif
