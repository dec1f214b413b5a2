/* SPDX-License-Identifier: Apache-2.0
 *
 * The section of the timeline: which window it shows, how to choose another, and how to see all of the run in Perfetto.
 * timeline.js draws it.
 */
#include <stdio.h>

#include "report/page.h"
#include "report/section_list.h"

static double number_at(const json_t *object, const char *key)
{
    return (double)json_integer_value(json_object_get(object, key));
}

static const char *ms_text(double ns, char text[32])
{
    snprintf(text, 32, "%.6f ms", ns / 1e6);
    return text;
}

static void print_window(struct page *page, const struct report_trace *trace)
{
    const json_t *json = trace->timeline;
    char from[32], until[32], wanted[32];

    page_print(page, "<p>From %s to %s, %s: %zu events.", ms_text(number_at(json, "from_ns"), from),
               ms_text(number_at(json, "until_ns"), until),
               trace->window == NULL ? trace->answer != NULL ? "around the slowest" : "around the slowest interrupt"
                                     : "the window that was asked for",
               json_array_size(json_object_get(json, "events")) / 5);
    if (json_is_true(json_object_get(json, "cut")))
        page_print(page,
                   " <span class=\"warn\">The window goes on to %s, but more events than these would be too many "
                   "for a page: here is its beginning.</span>",
                   ms_text(number_at(json, "wanted_until_ns"), wanted));
    page_print(page, "</p>\n");
}

static void print_commands(struct page *page, const struct report_trace *trace)
{
    const char *path = trace->path != NULL ? trace->path : "RESULT";

    if (trace->answer != NULL) {
        page_print(page,
                   "<p class=\"note\">Another window: <code>irqpath report %s --trace-window 10ms,11ms -o "
                   "page.html</code>.</p>\n",
                   path);
        return;
    }

    page_print(page,
               "<p class=\"note\">Another window: <code>irqpath report %s --trace --trace-window 10ms,11ms -o "
               "page.html</code>. All of the run in Perfetto: <code>irqpath trace export %s -o run.pftrace</code>, and "
               "open the file at ui.perfetto.dev; <code>--trace-window</code> takes a part there, too.</p>\n",
               path, path);
}

static bool has_traces(const struct report *report) { return report->trace_count > 0; }

static void print(struct page *page, const struct report *report)
{
    page_style(page, "trace.css");
    page_script(page, "timeline.js");
    for (size_t i = 0; i < report->trace_count; i++) {
        const struct report_trace *trace = &report->traces[i];
        char id[32];
        if (report->trace_count > 1)
            page_print(page, "<h3>%s</h3>\n", trace->label);
        if (trace->timeline == NULL) {
            page_print(page, "<p>There is none to draw around; <code>--trace-window</code> chooses a window.</p>\n");
            continue;
        }
        snprintf(id, sizeof id, "timeline-%zu", i + 1);
        print_window(page, trace);
        page_data(page, id, json_incref(trace->timeline));
        page_print(page,
                   "<div class=\"timeline\" id=\"%s\"><noscript>The timeline is drawn by a script.</noscript></div>\n",
                   id);
        print_commands(page, trace);
    }
}

const struct report_section section_timeline = {
    .id = "timeline",
    .title = "Timeline",
    .has_content = has_traces,
    .print = print,
};
