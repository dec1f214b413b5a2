/* SPDX-License-Identifier: Apache-2.0
 *
 * What explorations came to, for people and for scripts: lines, a table of designs by scenarios, CSV, JSON.
 */
#ifndef EXPLORE_VERDICTS_H
#define EXPLORE_VERDICTS_H

#include <jansson.h>
#include <stdio.h>

#include "explore/search.h"

struct explore_row {
    char *scenario, *design;
    struct explore_outcome outcome;
    double seconds;
    char *replay; /* path, or NULL */
};

struct explore_rows {
    struct explore_row *rows; /* a scenario's designs side by side */
    size_t count;
};

/* Copies the names; takes over the outcome. */
struct explore_row *explore_rows_add(struct explore_rows *rows, const char *scenario, const char *design,
                                     const struct explore_outcome *outcome, double seconds);
void explore_rows_free(struct explore_rows *rows);

/* Whether the outcome is what a scenario's expect: says ("clean", "violation", "violation KIND"); NULL: anything but a
 * violation. */
bool explore_is_expected(const struct explore_outcome *outcome, const char *expectation);

/* One line, and one more of a violation. */
void explore_row_print(const struct explore_row *row, FILE *stream);

/* A line a design, a column a scenario: verdict, states and seconds. */
void explore_rows_print_table(const struct explore_rows *rows, FILE *stream, bool use_colour);
void explore_rows_print_markdown(const struct explore_rows *rows, FILE *stream);

/* A line an exploration. */
void explore_rows_print_csv(const struct explore_rows *rows, FILE *stream);

/* {"scenario", "verdicts"}; an array of these when there are several scenarios. */
json_t *explore_rows_to_json(const struct explore_rows *rows);

#endif
