/* SPDX-License-Identifier: Apache-2.0
 *
 * The list of all sections, in the order of the page.
 */
#include "report/sections.h"

#include "report/page.h"
#include "report/section_list.h"

static const struct report_section *const sections[] = {
    &section_verdict,   &section_experiment,  &section_replay,     &section_figures,
    &section_recording, &section_attribution, &section_slowest,    &section_slowest_recorded,
    &section_timeline,  &section_metrics,     &section_provenance,
};

static const char *title_of(const struct report *report)
{
    const char *name = NULL;

    if (report->experiment_count > 0)
        name = json_string_value(json_object_get(report->experiments[0].json, "name"));
    if (name != NULL)
        return name;
    if (report->set->count > 0)
        return report->set->results[0].scenario;
    if (report->trace_count > 0)
        return report->traces[0].label;
    return report->replay_count > 0 ? report->replays[0].replay.design : "report";
}

void report_print(const struct report *report, const char *title, FILE *out)
{
    struct page *page = page_new(title != NULL ? title : title_of(report));

    for (size_t i = 0; i < sizeof sections / sizeof sections[0]; i++) {
        if (!sections[i]->has_content(report))
            continue;
        page_section_begin(page, sections[i]->id, sections[i]->title);
        sections[i]->print(page, report);
        page_section_end(page);
    }
    page_write(page, out);
    page_free(page);
}

void report_print_experiment(json_t *json, FILE *out)
{
    const struct report_experiment experiment = { .path = NULL, .json = json };
    struct result_set set;
    struct compare_groups groups;

    result_set_init(&set);
    compare_groups_make(&groups, &set);
    report_print(&(struct report){ .set = &set, .groups = &groups, .experiments = &experiment, .experiment_count = 1 },
                 NULL, out);
    compare_groups_free(&groups);
    result_set_free(&set);
}
