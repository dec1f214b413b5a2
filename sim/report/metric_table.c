/* SPDX-License-Identifier: Apache-2.0
 *
 * See metric_table.h.
 */
#include "report/metric_table.h"

#include <math.h>
#include <stdbool.h>
#include <stdio.h>
#include <string.h>

#include "report/page.h"
#include "report/values.h"
#include "result/metric_catalogue.h"

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
    char text[VALUES_TEXT_BYTES], exact[VALUES_TEXT_BYTES];
    char half[32];

    value_text(value, unit, text);
    if (!value->is_reported) {
        page_print(page, "<td class=\"absent\" data-label=\"%s\"></td>", values->columns[column].label);
        return;
    }
    value_exact(value, exact);
    page_print(page, "<td data-label=\"%s\" data-value=\"%s\"", values->columns[column].label, exact);
    if (isfinite(statistics_half_width(&value->mean))) {
        snprintf(half, sizeof half, "%.15g", statistics_half_width(&value->mean));
        page_print(page, " data-half=\"%s\"", half);
    }
    page_print(page, " title=\"%s %s\">%s", exact, unit, text);
    if (value->change[0] != '\0' && strcmp(value->change, "0") != 0)
        page_print(page, " <span class=\"difference %s\">%s %s</span>", verdict_class(value->verdict), value->change,
                   value->verdict_text);
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

    page_print(page, "<tr data-metric=\"%s\" data-unit=\"%s\"%s><th scope=\"row\">", values->metrics[row],
               metric_unit(values->metrics[row]), differs(values, row) ? " data-differs" : "");
    page_name(page, values->metrics[row]);
    if (description != NULL)
        page_print(page, " <small>%s</small>", description->meaning);
    page_print(page, "</th>");
    for (size_t i = 0; i < values->column_count; i++)
        print_cell(page, values, row, i);
    page_print(page, "</tr>\n");
}

void metric_table_print(struct page *page, const char *id, const struct values *values, const size_t *rows,
                        size_t count)
{
    page_print(page, "<table id=\"%s\" class=\"cards\">\n", id);
    print_head(page, values);
    page_markup(page, "<tbody>\n");
    for (size_t i = 0; i < count; i++)
        print_row(page, values, rows[i]);
    page_markup(page, "</tbody>\n</table>\n");
}
