/* SPDX-License-Identifier: Apache-2.0
 *
 * Fills in values, and compares what is expected with what was found.
 */
#include "experiment/words.h"

#include <math.h>
#include <stdlib.h>

#include "base/check.h"
#include "experiment/groups.h"

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

static struct expectation_found find_once(struct experiment_rows *rows, const struct experiment *experiment,
                                          const struct experiment_expectation *expectation,
                                          const struct selection *selection)
{
    struct expectation_found found = {
        .left = reading_of(rows, experiment, expectation->left, selection),
        .right = reading_of(rows, experiment, expectation->right, selection),
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

/* How far the sides are apart, relative to the larger one. */
static double margin(const struct expectation_found *found)
{
    double larger = fmax(fabs(found->left.value), fabs(found->right.value));

    return larger > 0 ? fabs(found->left.value - found->right.value) / larger : 0;
}

/* For each value of an axis that has rows: what is missed first, or else what comes closest to that. The intervals of
 * all hold together. */
static struct expectation_found find_each(struct experiment_rows *rows, const struct experiment *experiment,
                                          const struct experiment_expectation *expectation)
{
    struct expectation_found found = { .outcome = EXPECTATION_NOT_OBSERVED };
    struct groups groups;

    found.left.value = found.right.value = NAN;
    found.left.reason = "no row fulfils the conditions";
    groups_find(&groups, rows, experiment, NULL, &expectation->each_axis, 1);
    for (size_t pass = 0, observed = groups.count; pass < 2; pass++) {
        struct selection selection = { .axes = &expectation->each_axis, .count = 1, .intervals = observed };

        observed = 0;
        for (size_t i = 0; i < groups.count && found.outcome != EXPECTATION_MISSED; i++) {
            selection.labels = group_labels(&groups, i);
            struct expectation_found one = find_once(rows, experiment, expectation, &selection);

            one.each = selection.labels[0];
            observed += one.outcome != EXPECTATION_NOT_OBSERVED;
            if (pass == 1 && one.outcome != EXPECTATION_NOT_OBSERVED &&
                (found.each == NULL || one.outcome == EXPECTATION_MISSED || margin(&one) < margin(&found)))
                found = one;
        }
    }
    groups_free(&groups);
    return found;
}

struct expectation_found expectation_find(struct experiment_rows *rows, const struct experiment *experiment,
                                          const struct experiment_expectation *expectation)
{
    return expectation->each != NULL ? find_each(rows, experiment, expectation)
                                     : find_once(rows, experiment, expectation, NULL);
}

const char *expectation_outcome_name(enum expectation_outcome outcome)
{
    static const char *const names[] = { "met", "missed", "not observed" };

    return names[outcome];
}
