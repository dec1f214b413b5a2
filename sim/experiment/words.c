/* SPDX-License-Identifier: Apache-2.0
 *
 * Fills in values, and compares what is expected with what was found.
 */
#include "experiment/words.h"

#include <math.h>
#include <stdlib.h>

#include "base/check.h"

static void report_mixed(struct experiment_rows *rows, const char *where)
{
    rows_message(rows, "%s: a value mixes rows of several runs; say which is meant with RUN: or run=", where);
}

static void print_value(struct experiment_rows *rows, const struct experiment *experiment,
                        const struct experiment_piece *piece, const char *section, FILE *out)
{
    struct reading reading = reading_of(rows, experiment, piece->formula, NULL);
    char text[READING_TEXT_BYTES];

    if (reading.reason != NULL)
        rows_message(rows, "%s: `%s` has no value: %s", section,
                     piece->formula->kind == FORMULA_NAME ? piece->formula->name : "a formula", reading.reason);
    if (reading.is_mixed)
        report_mixed(rows, section);
    reading_text(experiment, &reading, piece->unit, piece->decimals, piece->has_interval, text);
    fprintf(out, "%s%s", piece->has_sign && reading.value >= 0 ? "+" : "", text);
}

char *words_of(struct experiment_rows *rows, const struct experiment *experiment, const struct experiment_text *text,
               const char *section)
{
    char *words = NULL;
    size_t bytes = 0;
    FILE *out = open_memstream(&words, &bytes);

    CHECK(out != NULL);
    for (size_t i = 0; i < text->count; i++) {
        if (text->pieces[i].words != NULL)
            fputs(text->pieces[i].words, out);
        else
            print_value(rows, experiment, &text->pieces[i], section, out);
    }
    CHECK(fclose(out) == 0);
    return words;
}

static bool holds(double left, enum expect_relation relation, double right, double tolerance)
{
    switch (relation) {
    case EXPECT_LESS:
        return left < right;
    case EXPECT_AT_MOST:
        return left <= right;
    case EXPECT_MORE:
        return left > right;
    case EXPECT_AT_LEAST:
        return left >= right;
    case EXPECT_EQUAL:
        return left >= right - tolerance && left <= right + tolerance;
    case EXPECT_NOT_EQUAL:
        return left < right || left > right;
    }
    CHECK(!"a known relation");
    return false;
}

struct expectation_found expectation_find(struct experiment_rows *rows, const struct experiment *experiment,
                                          const struct experiment_expectation *expectation)
{
    struct expectation_found found = {
        .left = reading_of(rows, experiment, expectation->left, NULL),
        .right = reading_of(rows, experiment, expectation->right, NULL),
    };

    if (found.left.is_mixed || found.right.is_mixed)
        report_mixed(rows, expectation->condition);
    if (isnan(found.left.value) || isnan(found.right.value))
        found.outcome = EXPECTATION_NOT_OBSERVED;
    else if (holds(found.left.value, expectation->relation, found.right.value, quotient_value(expectation->tolerance)))
        found.outcome = EXPECTATION_MET;
    else
        found.outcome = EXPECTATION_MISSED;
    return found;
}

const char *expectation_outcome_name(enum expectation_outcome outcome)
{
    static const char *const names[] = { "met", "missed", "not observed" };

    return names[outcome];
}
