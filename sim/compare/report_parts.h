/* SPDX-License-Identifier: Apache-2.0
 *
 * What the texts of a comparison are made of.
 */
#ifndef COMPARE_REPORT_PARTS_H
#define COMPARE_REPORT_PARTS_H

#include "compare/report.h"
#include "result/table.h"

#define REPORT_TEXT_BYTES 512

/* A metric to be shown: a row of the comparison, or a metric of the headline that no run reports. */
struct report_line {
    const char *metric;
    const struct compare_row *row; /* NULL: no run reports it */
};

/* Writes a number with its unit. */
void report_value(const struct compare_row *row, size_t side, char *text, size_t text_bytes);

/* Writes "-89.8 ±0.4 %", of the base, with the interval that gives the verdict; where the base is 0 the difference. */
void report_change(const struct compare_row *row, size_t side, char *text, size_t text_bytes);

/* Writes "better", "needs ~9 seeds", "unobserved in 1 of 3"; in colour. */
void report_verdict(const struct comparison *comparison, const struct compare_row *row, size_t side, bool use_colour,
                    char *text, size_t text_bytes);

/* Makes the table of a side and the base: metric, both means, change, verdict. Its columns are headed by the labels
 * where that fits, otherwise "base" and "new"; last, names of metrics are shortened. An empty row with the text `title`
 * comes before the line `title_at`, unless that is NULL. The caller frees the table. */
struct table report_table(const struct comparison *comparison, size_t side, const struct report_line *lines,
                          size_t line_count, const char *title, size_t title_at, const struct compare_layout *layout);

/* Prints the text in lines of at most `width` characters, broken at blanks, and returns their number; with out NULL
 * only counts them. */
size_t report_wrap(const char *text, size_t width, bool is_bold, FILE *out);

/* Writes "5 seeds", "5 of 16 seeds paired", "5 and 3 seeds, unpaired". */
void report_seeds(const struct comparison *comparison, char *text, size_t text_bytes);

/* Returns the size of a change that is sure, from 0: the end of its interval that is nearer to zero, in relation to the
 * larger of both means. Negative where the change is not sure. */
double report_sure_size(const struct compare_row *row, size_t side);

/* Whether the names are equal but for their last components; "p99_ns" is one, and so is "steal.percent". */
bool report_has_same_stem(const char *left, const char *right);

/* Writes the last sentence of the digest, the answer. side_count >= 2. */
void report_answer(const struct comparison *comparison, char *text, size_t text_bytes);

void report_digest(const struct comparison *comparison, const struct compare_layout *layout, FILE *out);

#endif
