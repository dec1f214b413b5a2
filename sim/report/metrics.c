/* SPDX-License-Identifier: Apache-2.0
 *
 * The section of all metrics. metrics.js filters and sorts what stands here.
 */
#include <math.h>
#include <stdlib.h>

#include "base/check.h"
#include "plot/series.h"
#include "report/chart_json.h"
#include "report/escape.h"
#include "report/metric_table.h"
#include "report/page.h"
#include "report/section_list.h"
#include "report/values.h"
#include "result/report.h"

static bool has_results(const struct report *report) { return report->groups->count > 0; }

/* What metric_plot.js needs beside the table: the axis of a sweep, and of each column its place on it and its series.
 */
static json_t *columns_json(const struct report *report)
{
    const struct values *values = report->values;
    json_t *columns = json_array(), *axis_json = json_null();
    struct plot_axis axis;
    bool has_axis = plot_find_axis(report->groups, &axis);

    for (size_t i = 0; i < values->column_count; i++) {
        const struct compare_group *group = values->columns[i].group;
        const char *text = has_axis ? result_axis_value(group->first, axis.path) : NULL, *unit;
        char series[PLOT_LABEL_BYTES];
        double x = NAN;
        if (text != NULL && !plot_axis_number(text, &x, &unit))
            x = NAN;
        plot_group_label(group, has_axis ? axis.path : NULL, series);
        json_array_append_new(columns, json_pack("{s:o, s:o, s:o}", "label", escape_json_text(values->columns[i].label),
                                                 "series", escape_json_text(series), "x", json_from_double(x)));
    }
    if (has_axis)
        axis_json = json_pack("{s:o, s:s}", "title", escape_json_text(axis.title), "unit", axis.unit);
    return json_pack("{s:o, s:o}", "axis", axis_json, "columns", columns);
}

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
               "<p class=\"note\">Means over the seeds with their 95 %% intervals%s. The number behind a value is in "
               "its title, and in "
               "<code>irqpath show --json</code>.</p>\n",
               has_bases
                   ? "; differences from the first column of the same cell, with the intervals that give the verdict"
                   : "");
    page_markup(page, "<div class=\"scroll tall\" role=\"region\" tabindex=\"0\" aria-labelledby=\"metrics-title\">\n");
    metric_table_print(page, "metrics-table", values, rows, values->row_count);
    page_markup(page, "</div>\n");
    free(rows);
    if (values->column_count > 1) {
        page_data(page, "metrics", columns_json(report));
        chart_scripts(page);
        page_script(page, "metric_plot.js");
    }
}

const struct report_section section_metrics = {
    .id = "metrics",
    .title = "All metrics",
    .has_content = has_results,
    .print = print,
};
