/* SPDX-License-Identifier: Apache-2.0
 *
 * Analyses the table of a population: how often a metric lies in a range, its distribution, and which drawn values
 * decide that.
 */
#ifndef SWEEP_ANALYSIS_H
#define SWEEP_ANALYSIS_H

#include <stdbool.h>
#include <stddef.h>
#include <stdio.h>

struct analysis {
    const char *metric;  /* name of a column */
    const char *by;      /* column of a drawn value, whose values get a row each; NULL: none */
    const char *where;   /* "COLUMN=VALUE": only these machines; NULL: all */
    double above, below; /* a machine counts if above < metric < below */
    bool wants_indices;  /* of the event that a machine counts */
    const char *redrawn; /* table of the same machines with `redraw`, for total indices; NULL: none */
};

/* Prints CSV: "share", "quantile", with wants_indices "first" and "pair", and with redrawn "total" rows, whose columns
 * the first line names. A total index is the share of the variance that an axis takes part in: half the share of the
 * machines that count only with or only without its redraw, per variance (Jansen 1999), with its 95 % interval.
 * Returns false with a message when the file is no table, or has no such column. */
bool analysis_print(const char *path, const struct analysis *analysis, FILE *out, char *message, size_t message_bytes);

#endif
