/* SPDX-License-Identifier: Apache-2.0
 *
 * The metrics of all cells side by side: a column for each group of results that differ in their seeds alone, a row for
 * each metric. A cell has the mean over the seeds, its confidence interval, and how it differs from the base with the
 * verdict of `irqpath compare`. The base of a column is the first column of the same scenario and the same axes beside
 * the design.
 */
#ifndef REPORT_VALUES_H
#define REPORT_VALUES_H

#include "compare/compare.h"
#include "compare/groups.h"

#define VALUES_TEXT_BYTES 96

struct value {
    bool is_reported;                /* by a result of the column */
    struct statistics_estimate mean; /* its value is NaN without an observation */
    size_t unobserved;               /* seeds without an observation */
    const struct metric *only;       /* where the column has one seed: the metric, which is exact; otherwise NULL */
    /* The difference from the base, as `compare` shows and judges it; empty in the base itself. */
    enum compare_verdict verdict;
    double sure_size;      /* as report_sure_size; negative without a sure change */
    char change[48];       /* "-89.8 ±0.4 %" */
    char verdict_text[48]; /* "better", "needs ~9 seeds" */
};

struct value_column {
    const struct compare_group *group;
    char *label;  /* design, axes, and the scenario where there are several */
    size_t base;  /* number of its base; its own if it is one */
    char *answer; /* of a base with other columns: what the comparison says; otherwise NULL */
};

struct values {
    struct value_column *columns;
    size_t column_count;
    const char **metrics; /* in the order of reports */
    size_t row_count;
    struct value *cells; /* [row * column_count + column] */
    double threshold_percent;
};

/* The groups are borrowed. */
void values_make(struct values *values, const struct compare_groups *groups, double threshold_percent);
void values_free(struct values *values);

const struct value *values_at(const struct values *values, size_t row, size_t column);

/* Writes "35.70 % ±0.80", with the unit where the number does not name it. */
void value_text(const struct value *value, const char *unit, char text[VALUES_TEXT_BYTES]);

/* Writes the number as --json prints it: an exact integer, or 15 digits of a quotient; "null" without one. */
void value_exact(const struct value *value, char text[VALUES_TEXT_BYTES]);

#endif
