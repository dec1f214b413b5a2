/* SPDX-License-Identifier: Apache-2.0
 *
 * The list of all sections, in the order of the page.
 */
#include "report/sections.h"

#include "report/page.h"
#include "report/section_list.h"

static const struct report_section *const sections[] = {
    &section_verdict, &section_experiment, &section_replay, &section_figures, &section_metrics, &section_provenance,
};

void report_print_sections(struct page *page, const struct report *report)
{
    for (size_t i = 0; i < sizeof sections / sizeof sections[0]; i++) {
        if (!sections[i]->has_content(report))
            continue;
        page_section_begin(page, sections[i]->id, sections[i]->title);
        sections[i]->print(page, report);
        page_section_end(page);
    }
}
