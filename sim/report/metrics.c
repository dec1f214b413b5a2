/* SPDX-License-Identifier: Apache-2.0
 *
 * The section of all metrics. metrics.js filters and sorts what stands here.
 */
#include <stdlib.h>

#include "base/check.h"
#include "report/metric_table.h"
#include "report/page.h"
#include "report/section_list.h"
#include "report/values.h"

static bool has_results(const struct report *report) { return report->groups->count > 0; }

static void print(struct page *page, const struct report *report)
{
    const struct values *values = report->values;
    size_t *rows = calloc(values->row_count + 1, sizeof *rows);
    bool has_bases = false;

    CHECK(rows != NULL);
    for (size_t i = 0; i < values->row_count; i++)
        rows[i] = i;
    for (size_t i = 0; i < values->column_count; i++)
        has_bases = has_bases || values->columns[i].base != i;
    page_script(page, "metrics.js");
    page_print(page,
               "<p class=\"note\">Means over the seeds%s. The number behind a value is in its title, and in "
               "<code>irqpath show --json</code>.</p>\n",
               has_bases ? ", with 95 % intervals, and differences from the first column of the same cell" : "");
    page_markup(page, "<div class=\"scroll tall\" role=\"region\" tabindex=\"0\" aria-labelledby=\"metrics-title\">\n");
    metric_table_print(page, "metrics-table", values, rows, values->row_count);
    page_markup(page, "</div>\n");
    free(rows);
}

const struct report_section section_metrics = {
    .id = "metrics",
    .title = "All metrics",
    .has_content = has_results,
    .print = print,
};
