/* SPDX-License-Identifier: Apache-2.0
 *
 * The suite of a case is the cell and what it is compared with; its name is the metric.
 */
#include "commands/compare_cases.h"

#include <math.h>
#include <stdio.h>
#include <string.h>

#include "commands/compare_parts.h"
#include "compare/groups.h"
#include "report/cases.h"
#include "result/metric_catalogue.h"

/* Whether a metric that is worse gives exit code 1. */
static bool is_judged(const struct cli *cli)
{
    const struct compare_options *given = cli->own;

    return given->threshold != NULL || cli->argument_count == 2 || compare_wants_trees(cli);
}

static enum case_outcome outcome_of(enum compare_verdict verdict, bool is_judged)
{
    switch (verdict) {
    case VERDICT_WORSE:
        return is_judged ? CASE_FAILED : CASE_PASSED;
    case VERDICT_INCONCLUSIVE:
    case VERDICT_UNOBSERVED:
        return CASE_SKIPPED;
    default:
        return CASE_PASSED;
    }
}

/* "worse: 10.51 us against 5.7 us, +84.3 % beyond 1 %" */
static void describe(const struct comparison *comparison, const struct compare_row *row, size_t side, char *text,
                     size_t text_bytes)
{
    const struct compare_difference *difference = &row->differences[side];
    const char *unit = metric_unit(row->metric);
    char values[2][METRIC_TEXT_BYTES], percent[32] = "";

    metric_format(row->means[0].value, unit, values[0]);
    metric_format(row->means[side].value, unit, values[1]);
    if (isfinite(difference->percent))
        (void)snprintf(percent, sizeof percent, ", %+.3g %%", difference->percent);
    (void)snprintf(text, text_bytes, "%s: %s against %s%s; tolerated %g %%", compare_verdict_name(difference->verdict),
                   values[1], values[0], percent, comparison->threshold_percent);
}

static void add_family(const struct cli *cli, const struct comparison *comparison, size_t side,
                       enum compare_family family, const char *suite)
{
    char text[256];

    for (size_t i = 0; i < comparison->row_count; i++) {
        const struct compare_row *row = &comparison->rows[i];
        enum compare_verdict verdict = row->differences[side].verdict;
        if (row->family != family || verdict == VERDICT_NONE)
            continue;
        describe(comparison, row, side, text, sizeof text);
        cases_add(cli->cases, suite, row->metric, outcome_of(verdict, is_judged(cli)), 0, "%s", text);
    }
}

void compare_cases_add(const struct cli *cli, const struct comparison *comparison)
{
    char cell[256], suite[512];

    for (size_t side = 1; cli->cases != NULL && side < comparison->side_count; side++) {
        if (comparison->sides[side].count == 0)
            continue;
        compare_cell_text(comparison->sides[side].results[0], cell, sizeof cell);
        (void)snprintf(suite, sizeof suite, "%s: %.100s against %.100s", cell, comparison->sides[side].label,
                       comparison->sides[0].label);
        for (enum compare_family family = COMPARE_HEADLINE; family < COMPARE_FAMILIES; family++)
            add_family(cli, comparison, side, family, suite);
    }
}
