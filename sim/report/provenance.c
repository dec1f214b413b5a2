/* SPDX-License-Identifier: Apache-2.0
 *
 * The last section: which runs the page is about, with what makes them again: scenario, design, seed, code object, and
 * the fingerprint of the result.
 */
#include <stdio.h>
#include <string.h>

#include "report/page.h"
#include "report/section_list.h"
#include "report/values.h"
#include "result/cbor.h"
#include "result/metric_catalogue.h"

enum { RUNS_MAX = 200, SCENARIOS_MAX = 12 };

static bool has_results(const struct report *report) { return report->set->count > 0; }

static void print_run(struct page *page, const struct result *result)
{
    char hash[RESULT_HASH_TEXT_BYTES], simulated[METRIC_TEXT_BYTES];
    struct result_hash of = result_hash(result);

    result_hash_text(&of, hash);
    metric_format((double)result->simulated_ns, "ns", simulated);
    page_print(page, "<tr><th scope=\"row\">%s", result->scenario);
    for (size_t i = 0; i < result->axis_count; i++)
        page_print(page, " <small>%s = %s</small>", result->axes[i].path, result->axes[i].value);
    page_print(page, "</th><td data-label=\"design\">%s", result->design);
    if (result->code.hash != NULL)
        page_print(page, " <small>code %s: %s of %s, by %s</small>", result->code.hash, result->code.files,
                   result->code.commit[0] != '\0' ? result->code.commit : "an unknown commit", result->code.compiler);
    page_print(page, "</td><td data-label=\"seed\">%zu</td><td data-label=\"simulated\">%s</td>", (size_t)result->seed,
               simulated);
    page_print(page, "<td data-label=\"fingerprint\"><code>%s</code></td></tr>\n", hash);
}

/* The resolved scenario of the first seed of each cell. */
static void print_scenarios(struct page *page, const struct report *report)
{
    size_t count = report->groups->count;

    for (size_t i = 0; i < count && i < SCENARIOS_MAX; i++) {
        const struct result *result = report->groups->groups[i].first;
        page_print(
            page,
            "<details><summary>Resolved scenario of %s, seed %zu</summary>\n<pre tabindex=\"0\">%s</pre></details>\n",
            report->values->columns[i].label, (size_t)result->seed, result->resolved);
    }
    if (count > SCENARIOS_MAX)
        page_print(page, "<p class=\"note\">and of %zu more cells, in their results</p>\n", count - SCENARIOS_MAX);
}

static void print(struct page *page, const struct report *report)
{
    size_t shown = report->set->count < RUNS_MAX ? report->set->count : RUNS_MAX;

    page_markup(page, "<p class=\"note\">The same scenario, design and seed give the same result, byte for byte: "
                      "<code>irqpath show --hash</code> prints its fingerprint.</p>\n"
                      "<div class=\"scroll tall\" role=\"region\" tabindex=\"0\" aria-label=\"Runs\"><table "
                      "class=\"cards\"><thead><tr>"
                      "<th scope=\"col\">scenario</th><th scope=\"col\">design</th><th scope=\"col\">seed</th>"
                      "<th scope=\"col\">simulated</th><th scope=\"col\">fingerprint</th></tr></thead>\n<tbody>\n");
    for (size_t i = 0; i < shown; i++)
        print_run(page, &report->set->results[i]);
    page_markup(page, "</tbody></table></div>\n");
    if (shown < report->set->count)
        page_print(page, "<p class=\"note\">and %zu more runs</p>\n", report->set->count - shown);
    print_scenarios(page, report);
    if (report->trace_count == 0)
        page_markup(page,
                    "<p class=\"note\">Who took whose time, the slowest interrupts step by step and a timeline need a "
                    "trace: <code>irqpath report RESULT --trace -o page.html</code> repeats the run of each "
                    "column's first result with one.</p>\n");
}

const struct report_section section_provenance = {
    .id = "provenance",
    .title = "How this was made",
    .has_content = has_results,
    .print = print,
};
