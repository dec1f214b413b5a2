/* SPDX-License-Identifier: Apache-2.0
 *
 * The section of experiments: what each of them has measured.
 */
#include "report/experiment_parts.h"
#include "report/page.h"
#include "report/section_list.h"

static bool has_experiments(const struct report *report) { return report->experiment_count > 0; }

static void print(struct page *page, const struct report *report)
{
    for (size_t i = 0; i < report->experiment_count; i++) {
        const char *name = json_string_value(json_object_get(report->experiments[i].json, "name"));
        if (report->experiment_count > 1)
            page_print(page, "<h3>%s</h3>\n", name != NULL ? name : "");
        experiment_print_body(page, &report->experiments[i], i);
    }
}

const struct report_section section_experiment = {
    .id = "experiment",
    .title = "Measurements",
    .has_content = has_experiments,
    .print = print,
};
