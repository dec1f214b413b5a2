/* SPDX-License-Identifier: Apache-2.0
 *
 * A comparison as text: the digest, then the tables of all metrics. A single side has no digest, but a table of means.
 */
#define _GNU_SOURCE
#include "compare/report.h"

#include <math.h>
#include <stdlib.h>
#include <string.h>

#include "base/check.h"
#include "compare/report_parts.h"
#include "result/metric_catalogue.h"

static void print_side(const struct comparison *comparison, size_t side, const struct compare_layout *layout, FILE *out)
{
    struct report_line *lines = calloc(comparison->row_count + 1, sizeof *lines);

    CHECK(lines != NULL);
    for (size_t i = 0; i < comparison->row_count; i++)
        lines[i] = (struct report_line){ comparison->rows[i].metric, &comparison->rows[i] };
    struct table table = report_table(comparison, side, lines, comparison->row_count, NULL, 0, layout);
    fprintf(out, "\n%s against %s\n", comparison->sides[side].label, comparison->sides[0].label);
    table_print(&table, out, 0, layout->use_colour);
    table_free(&table);
    free(lines);
}

static void print_method(const struct comparison *comparison, const struct compare_layout *layout, FILE *out)
{
    char headline[96] = "", text[REPORT_TEXT_BYTES];
    size_t tests = comparison->tested_count[COMPARE_HEADLINE], others = comparison->tested_count[COMPARE_OTHERS];

    if (tests > 0)
        (void)snprintf(headline, sizeof headline, "the %zu interval%s of the headline hold%s, and so do ", tests,
                       tests == 1 ? "" : "s", tests == 1 ? "s" : "");
    (void)snprintf(text, sizeof text,
                   "± is of the base and gives the verdict: better or worse beyond %g %%, the same within. With 95 %% "
                   "%sthe %zu %s together.",
                   comparison->threshold_percent, headline, others, tests > 0 ? "others" : "intervals hold");
    fputc('\n', out);
    report_wrap(text, layout->width, false, out);
}

/* Means with their own 95 % intervals. */
static void print_means(const struct comparison *comparison, const struct compare_layout *layout, FILE *out)
{
    const struct compare_side *side = &comparison->sides[0];
    struct table table;

    table_init(&table, 2, 1);
    table_cell(&table, "metric");
    table_cell(&table, "%s", side->label);
    for (size_t i = 0; i < comparison->row_count; i++) {
        const struct compare_row *row = &comparison->rows[i];
        double half = statistics_half_width(&row->means[0]);
        char value[METRIC_TEXT_BYTES], half_text[METRIC_TEXT_BYTES];
        metric_format(row->means[0].value, metric_unit(row->metric), value);
        metric_format(half, metric_unit(row->metric), half_text);
        table_cell(&table, "%s", row->metric);
        table_cell(&table, "%s%s%s", value, isfinite(half) ? " ±" : "", isfinite(half) ? half_text : "");
    }
    table_print(&table, out, 0, layout->use_colour);
    table_free(&table);
    fprintf(out, "\n%zu seed%s%s\n", side->count, side->count == 1 ? "" : "s",
            side->count > 1 ? ", ± 95 % confidence" : "");
}

void comparison_print(const struct comparison *comparison, const struct compare_layout *layout, FILE *out)
{
    if (comparison->side_count == 1) {
        print_means(comparison, layout, out);
        return;
    }
    for (size_t side = 0; side < comparison->side_count; side++)
        if (comparison->sides[side].count == 0) {
            fprintf(out, "%s has no complete result\n", comparison->sides[side].label);
            return;
        }
    report_digest(comparison, layout, out);
    if (!layout->wants_all)
        return;
    for (size_t side = 1; side < comparison->side_count; side++)
        print_side(comparison, side, layout, out);
    print_method(comparison, layout, out);
}
