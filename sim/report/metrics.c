/* SPDX-License-Identifier: Apache-2.0
 *
 * The section of all metrics: a row for each, with its meaning, and a column for each cell. metrics.js filters and
 * sorts what stands here.
 */
#include <math.h>
#include <stdio.h>
#include <string.h>

#include "report/page.h"
#include "report/section_list.h"
#include "report/values.h"
#include "result/metric_catalogue.h"

static bool has_results(const struct report *report) { return report->groups->count > 0; }

static const char *verdict_class(enum compare_verdict verdict)
{
    return verdict == VERDICT_BETTER ? "better" : verdict == VERDICT_WORSE ? "worse" : "even";
}

static void print_head(struct page *page, const struct values *values)
{
    page_print(page, "<thead><tr><th scope=\"col\" data-sort=\"text\">metric</th>");
    for (size_t i = 0; i < values->column_count; i++) {
        size_t seeds = values->columns[i].group->side.count;
        page_print(page, "<th scope=\"col\" data-sort=\"number\">%s <small>%zu seed%s</small></th>",
                   values->columns[i].label, seeds, seeds == 1 ? "" : "s");
    }
    page_print(page, "</tr></thead>\n");
}

static void print_cell(struct page *page, const struct values *values, size_t row, size_t column)
{
    const struct value *value = values_at(values, row, column);
    const char *unit = metric_unit(values->metrics[row]);
    char text[VALUES_TEXT_BYTES], exact[VALUES_TEXT_BYTES], difference[VALUES_TEXT_BYTES];

    value_text(value, unit, text);
    if (!value->is_reported) {
        page_print(page, "<td class=\"absent\" data-label=\"%s\"></td>", values->columns[column].label);
        return;
    }
    value_exact(value, exact);
    value_difference_text(value, unit, difference);
    page_print(page, "<td data-label=\"%s\" data-value=\"%s\" title=\"%s %s\">%s", values->columns[column].label, exact,
               exact, unit, text);
    if (difference[0] != '\0' && value->difference.estimate.value != 0)
        page_print(page, " <span class=\"difference %s\">%s%s%s</span>", verdict_class(value->difference.verdict),
                   difference, value->difference.verdict != VERDICT_NONE ? " " : "",
                   value->difference.verdict != VERDICT_NONE ? compare_verdict_name(value->difference.verdict) : "");
    page_print(page, "</td>");
}

/* Whether some column shows another number than its base. */
static bool differs(const struct values *values, size_t row)
{
    for (size_t i = 0; i < values->column_count; i++) {
        const struct value *value = values_at(values, row, i);
        const struct value *base = values_at(values, row, values->columns[i].base);
        if (value->is_reported != base->is_reported || isnan(value->mean.value) != isnan(base->mean.value) ||
            (!isnan(value->mean.value) && value->mean.value != base->mean.value))
            return true;
    }
    return false;
}

static void print_row(struct page *page, const struct values *values, size_t row)
{
    const struct metric_row *description = metric_describe(values->metrics[row]);

    page_print(page, "<tr data-metric=\"%s\"%s><th scope=\"row\"><code>%s</code>", values->metrics[row],
               differs(values, row) ? " data-differs" : "", values->metrics[row]);
    if (description != NULL)
        page_print(page, " <small>%s</small>", description->meaning);
    page_print(page, "</th>");
    for (size_t i = 0; i < values->column_count; i++)
        print_cell(page, values, row, i);
    page_print(page, "</tr>\n");
}

static void print(struct page *page, const struct report *report)
{
    const struct values *values = report->values;
    bool has_bases = false;

    for (size_t i = 0; i < values->column_count; i++)
        has_bases = has_bases || values->columns[i].base != i;
    page_script(page, "metrics.js");
    page_print(page,
               "<p class=\"note\">Means over the seeds%s. The number behind a value is in its title, and in "
               "<code>irqpath show --json</code>.</p>\n",
               has_bases ? ", with 95 % intervals, and differences from the first column of the same cell" : "");
    page_print(page, "<div class=\"scroll tall\" role=\"region\" tabindex=\"0\" aria-labelledby=\"metrics-title\">\n"
                     "<table id=\"metrics-table\" class=\"cards\">\n");
    print_head(page, values);
    page_print(page, "<tbody>\n");
    for (size_t row = 0; row < values->row_count; row++)
        print_row(page, values, row);
    page_print(page, "</tbody>\n</table>\n</div>\n");
}

const struct report_section section_metrics = {
    .id = "metrics",
    .title = "All metrics",
    .has_content = has_results,
    .print = print,
};
