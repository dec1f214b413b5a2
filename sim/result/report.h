/* SPDX-License-Identifier: Apache-2.0
 *
 * Results as documents: a summary, and CSV, Markdown and JSON documents that contain every metric. Integers are printed
 * exactly; quotients are divided once, when they are printed. Wall-clock metrics appear only in the JSON of the command
 * that ran the simulation.
 */
#ifndef RESULT_REPORT_H
#define RESULT_REPORT_H

#include <jansson.h>
#include <stdbool.h>
#include <stdio.h>

#include "result/result.h"

/* Prints guests, interrupts, locks and pCPUs as aligned tables. */
void result_print_summary(const struct result *result, FILE *out, bool use_colour);

/* Prints one line per result: its axes, design, seed and the metrics in which designs usually differ. */
void result_set_print_overview(const struct result_set *set, FILE *out, bool use_colour);

/* Prints one row per metric: scenario,design,seed,metric,value,unit and one column for each axis of a sweep. */
void result_set_print_csv(const struct result_set *set, FILE *out);

/* Prints a field of a CSV row, in quotes only where RFC 4180 requires them. */
void csv_print_field(const char *text, FILE *out);

/* What the rows of results have in common: the head, with `columns` between the first columns and those of the axes;
 * the beginning of a row, scenario to metric; and its end, the labels of the axes. */
void csv_print_head(const char *columns, const char *const *paths, size_t path_count, FILE *out);
void csv_print_begin(const struct result *result, const char *metric, FILE *out);
void csv_print_end(const struct result *result, const char *const *paths, size_t path_count, FILE *out);

void result_set_print_markdown(const struct result_set *set, FILE *out);

/* Returns the paths of all axes that occur in the set, in ascending order. The caller frees the array. */
const char **result_set_axis_paths(const struct result_set *set, size_t *count);

/* Returns {"scenario","design","seed","metrics":{NAME:number}}, with "histograms" (histograms.h), with "axes" for a
 * result of a sweep and "partial" for a partial one. */
json_t *result_to_json(const struct result *result);

/* Returns the object of a single result, or an array for several. */
json_t *result_set_to_json(const struct result_set *set);

/* NaN becomes null. Integers that a double cannot represent become strings. */
json_t *json_from_metric(const struct metric *metric);
json_t *json_from_double(double value);
json_t *json_from_u64(uint64_t value);

/* Prints with sorted keys, an indentation of two blanks and a final newline. Releases `json`. */
void json_print(json_t *json, FILE *out);

/* The same for a document of the program's, or a list of them: each says which version wrote it, and the name of its
 * schema, "irqpath-run/1" for sim/result/schemas/run.json. */
void json_print_document(json_t *json, const char *schema, FILE *out);

/* Writes "softirq-gated crashes after 1.2 ms on CPU 1, modelled-bug: ...". The result must have a violation. */
void result_violation_text(const struct result *result, char *text, size_t text_bytes);

#endif
