/* SPDX-License-Identifier: Apache-2.0
 *
 * Prints the verdicts of explorations: as lines, as a table of designs by scenarios, as CSV and as JSON.
 */
#ifndef EXPLORE_VERDICTS_H
#define EXPLORE_VERDICTS_H

#include <jansson.h>
#include <stdio.h>

#include "explore/code_report.h"
#include "explore/search.h"
#include "models/family/setup.h"

struct explore_row {
    char *scenario, *design;
    struct explore_outcome outcome;
    double seconds;
    enum memory_model memory; /* MEMORY_SC unless set after explore_rows_add */
    char *replay;             /* path, or NULL */
    char *walks_hash;         /* of random walks that can be taken in parts (walk_parts.h); owned; NULL: others */
    struct races *races;      /* of a code object; owned; NULL: none */
    struct code_report *code; /* owned; NULL: no code object */
};

struct explore_rows {
    struct explore_row *rows; /* all rows of a scenario are adjacent */
    size_t count;
};

/* Appends a row. Copies the names and takes ownership of the outcome. The pointer is valid until the next call. */
struct explore_row *explore_rows_add(struct explore_rows *rows, const char *scenario, const char *design,
                                     const struct explore_outcome *outcome, double seconds);
void explore_rows_free(struct explore_rows *rows);

/* Whether the outcome matches a scenario's `expect` key: "clean", "violation" or "violation KIND". NULL accepts
 * anything but a violation. */
bool explore_is_expected(const struct explore_outcome *outcome, const char *expectation);

/* One line: what is expected and what was found. `expected_design`: the one that the scenario's `expect` is about when
 * it is not this row's, or NULL. */
void explore_row_compare(const struct explore_row *row, const char *expectation, const char *expected_design,
                         char *text, size_t text_bytes);

/* One line; for a violation also its text and the command that replays it. */
void explore_row_print(const struct explore_row *row, FILE *stream);

/* One line for each design and one column for each scenario: verdict, states and seconds. */
void explore_rows_print_table(const struct explore_rows *rows, FILE *stream, bool use_colour);
void explore_rows_print_markdown(const struct explore_rows *rows, FILE *stream);

/* One line for each exploration, after a header. */
void explore_rows_print_csv(const struct explore_rows *rows, FILE *stream);

/* {"scenario", "verdicts"}, or an array of these unless there is exactly one scenario. The caller owns the reference.
 */
json_t *explore_rows_to_json(const struct explore_rows *rows);

#endif
