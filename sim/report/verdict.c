/* SPDX-License-Identifier: Apache-2.0
 *
 * The first section: what the experiments, replays and results say, in a few lines and one table.
 */
#define _GNU_SOURCE
#include <inttypes.h>
#include <math.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "base/check.h"
#include "report/digest.h"
#include "report/experiment_parts.h"
#include "report/expected.h"
#include "report/metric_table.h"
#include "report/page.h"
#include "report/section_list.h"
#include "report/values.h"
#include "result/metric_catalogue.h"
#include "result/report.h"

enum { HEADLINE_MAX = 8, CHANGES_MAX = 6, COLUMNS_SIDE_BY_SIDE = 4, PROBLEMS_MAX = 12 };

static bool has_content(const struct report *report)
{
    return report->set->count + report->experiment_count + report->replay_count + report->trace_count > 0;
}

/* --- results --- */

static void print_what(struct page *page, const struct report *report)
{
    const struct result *first = &report->set->results[0];
    char simulated[METRIC_TEXT_BYTES];
    size_t cells = report->groups->count;

    metric_format((double)first->simulated_ns, "ns", simulated);
    if (report->set->count == 1)
        page_print(page, "<p>%s with %s, %s simulated.</p>\n", first->scenario, first->design, simulated);
    else
        page_print(page, "<p>%zu runs of %zu cell%s; of the first, %s with %s, %s are simulated.</p>\n",
                   report->set->count, cells, cells == 1 ? "" : "s", first->scenario, first->design, simulated);
}

/* Crashes, interruptions, and interrupts that did not arrive. */
static size_t print_problem(struct page *page, const struct result *result)
{
    char text[600];
    size_t count = 0;

    if (result->violation.kind != NULL) {
        result_violation_text(result, text, sizeof text);
        page_print(page, "<li class=\"bad\">%s</li>\n", text);
        count++;
    } else if (result->is_partial) {
        page_print(page, "<li class=\"warn\">%s, %s, seed %zu was interrupted before its end</li>\n", result->scenario,
                   result->design, (size_t)result->seed);
        count++;
    }
    for (size_t i = 0; i < result->stuck_count && i < 4; i++) {
        const struct result_stuck *stuck = &result->stuck[i];
        page_print(page, "<li class=\"%s\">%s, seed %zu: %zu interrupt%s of %s, vector %zu, %s: %s</li>\n",
                   stuck->is_lost ? "bad" : "warn", result->design, (size_t)result->seed, (size_t)stuck->count,
                   stuck->count == 1 ? "" : "s", stuck->device, (size_t)stuck->vector,
                   stuck->is_lost ? "lost" : "pending", stuck->place);
        count++;
    }
    return count;
}

static void print_problems(struct page *page, const struct report *report)
{
    size_t shown = 0, partial = report->groups->partial_count;

    page_markup(page, "<ul class=\"problems\">\n");
    for (size_t i = 0; i < report->set->count && shown < PROBLEMS_MAX; i++)
        shown += print_problem(page, &report->set->results[i]);
    if (shown >= PROBLEMS_MAX)
        page_markup(page, "<li>and more: <code>irqpath show --json</code> has all of them</li>\n");
    if (partial > 0)
        page_print(page,
                   "<li class=\"warn\">%zu result%s stopped before the end and %s in no table or figure below</li>\n",
                   partial, partial == 1 ? "" : "s", partial == 1 ? "is" : "are");
    page_markup(page, "</ul>\n");
}

/* What the comparisons say, and "softirq-requeue: 44 better, 9 worse, 52 the same, 24 not sure", for each column with a
 * base. */
static void print_answers(struct page *page, const struct values *values)
{
    for (size_t column = 0; column < values->column_count; column++) {
        if (values->columns[column].answer != NULL)
            page_print(page, "<p class=\"question\">%s</p>\n", values->columns[column].answer);
    }
    for (size_t column = 0; column < values->column_count; column++) {
        size_t counts[VERDICT_UNOBSERVED + 1] = { 0 };
        size_t base = values->columns[column].base;
        if (base == column)
            continue;
        for (size_t row = 0; row < values->row_count; row++)
            counts[values_at(values, row, column)->verdict]++;
        page_print(page,
                   "<p>%s beside %s: <span class=\"good\">%zu metrics better</span>, <span class=\"bad\">%zu "
                   "worse</span>, %zu the same, %zu not sure.</p>\n",
                   values->columns[column].label, values->columns[base].label, counts[VERDICT_BETTER],
                   counts[VERDICT_WORSE], counts[VERDICT_SAME],
                   counts[VERDICT_INCONCLUSIVE] + counts[VERDICT_UNOBSERVED]);
    }
}

/* Many cells: a row for each, a column for each metric of the headline. */
static void print_overview(struct page *page, const struct values *values, const size_t *rows, size_t count)
{
    char text[VALUES_TEXT_BYTES];

    page_markup(page, "<div class=\"scroll tall\" role=\"region\" tabindex=\"0\" aria-label=\"Cells\">\n"
                      "<table class=\"cards\"><thead><tr><th scope=\"col\">cell</th>");
    for (size_t i = 0; i < count; i++) {
        page_markup(page, "<th scope=\"col\">");
        page_name(page, values->metrics[rows[i]]);
        page_markup(page, "</th>");
    }
    page_markup(page, "</tr></thead>\n<tbody>\n");
    for (size_t column = 0; column < values->column_count; column++) {
        page_print(page, "<tr><th scope=\"row\">%s</th>", values->columns[column].label);
        for (size_t i = 0; i < count; i++) {
            value_text(values_at(values, rows[i], column), metric_unit(values->metrics[rows[i]]), text);
            page_print(page, "<td data-label=\"%s\">%s</td>", values->metrics[rows[i]], text);
        }
        page_markup(page, "</tr>\n");
    }
    page_markup(page, "</tbody></table>\n</div>\n");
}

static void print_digest(struct page *page, const struct values *values)
{
    size_t headline[HEADLINE_MAX], changes[CHANGES_MAX];
    size_t headline_count = digest_headline(values, headline, HEADLINE_MAX);

    if (values->column_count > COLUMNS_SIDE_BY_SIDE) {
        print_overview(page, values, headline, headline_count);
        return;
    }
    print_answers(page, values);
    if (headline_count > 0) {
        page_markup(page, "<div class=\"scroll\">\n");
        metric_table_print(page, "headline-table", values, headline, headline_count);
        page_markup(page, "</div>\n");
    }
    size_t change_count = digest_changes(values, headline, headline_count, changes, CHANGES_MAX);
    if (change_count > 0) {
        page_markup(page, "<h3>Largest sure changes beside these</h3>\n<div class=\"scroll\">\n");
        metric_table_print(page, "changes-table", values, changes, change_count);
        page_markup(page, "</div>\n");
    }
}

/* --- all of it --- */

static void print_recordings(struct page *page, const struct report *report)
{
    for (size_t i = 0; i < report->trace_count; i++) {
        const json_t *verdict = json_object_get(report->traces[i].answer, "verdict");
        if (verdict == NULL)
            continue;
        page_print(page, "<p><strong>%s</strong>: %s</p>\n", report->traces[i].label,
                   json_is_string(verdict) ? json_string_value(verdict) : "?");
    }
}

static void print_replays(struct page *page, const struct report *report)
{
    for (size_t i = 0; i < report->replay_count; i++) {
        const struct replay *replay = &report->replays[i].replay;
        page_print(page, "<p><strong class=\"bad\">%s</strong> of %s after %zu steps: %s.</p>\n", replay->kind,
                   replay->design, replay->trace_count, replay->text);
    }
}

static void print(struct page *page, const struct report *report)
{
    for (size_t i = 0; i < report->experiment_count; i++)
        experiment_print_verdict(page, &report->experiments[i]);
    print_replays(page, report);
    print_recordings(page, report);
    if (report->set->count == 0)
        return;
    print_what(page, report);
    print_problems(page, report);
    expected_print(page, report);
    print_digest(page, report->values);
}

const struct report_section section_verdict = {
    .id = "verdict",
    .title = "Verdict",
    .has_content = has_content,
    .print = print,
};
