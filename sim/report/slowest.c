/* SPDX-License-Identifier: Apache-2.0
 *
 * The section of the slowest interrupts: of each a table of its steps, with a bar for the time that each has taken.
 */
#include <stdio.h>

#include "base/check.h"
#include "report/page.h"
#include "report/section_list.h"

static double number_at(const json_t *object, const char *key)
{
    return (double)json_integer_value(json_object_get(object, key));
}

static const char *text_at(const json_t *object, const char *key)
{
    const char *text = json_string_value(json_object_get(object, key));

    CHECK(text != NULL);
    return text;
}

/* Cycles of this interrupt as microseconds. */
static const char *us_text(const json_t *slow, double time, char text[32])
{
    double whole = number_at(slow, "cycles");

    snprintf(text, 32, "%.3f us", whole > 0 ? time * number_at(slow, "ns") / whole / 1e3 : 0);
    return text;
}

static void print_holders(struct page *page, const json_t *slow, const json_t *step)
{
    const json_t *holders = json_object_get(step, "holders"), *holder;
    char cpu[24], time[32];
    size_t i;

    if (json_array_size(holders) == 0)
        return;
    page_print(page, "<ul class=\"holders\">");
    json_array_foreach(holders, i, holder)
    {
        snprintf(cpu, sizeof cpu, "cpu%.0f", number_at(holder, "cpu"));
        page_print(page, "<li>%s held it for %s</li>", cpu, us_text(slow, number_at(holder, "cycles"), time));
    }
    if (json_object_get(step, "more_holders") != NULL)
        page_print(page, "<li>and %zu more</li>", (size_t)number_at(step, "more_holders"));
    page_print(page, "</ul>");
}

static void print_step(struct page *page, const json_t *slow, const json_t *step)
{
    double whole = number_at(slow, "cycles");
    char count[32], time[32], width[32], cpu[24];

    if (json_object_get(step, "left_out") != NULL) {
        page_print(page,
                   "<tr class=\"left-out\"><th scope=\"row\"></th><td></td><td></td><td>%zu more steps</td></tr>\n",
                   (size_t)number_at(step, "left_out"));
        return;
    }
    snprintf(count, sizeof count, "%.0f cycles", number_at(step, "cycles"));
    page_print(page, "<tr data-cycles=\"%zu\"><th scope=\"row\" title=\"%s\">%s</th>",
               (size_t)number_at(step, "cycles"), count, us_text(slow, number_at(step, "cycles"), time));
    snprintf(count, sizeof count, "%.0f cycles", number_at(step, "more"));
    snprintf(width, sizeof width, "%.3f", whole > 0 ? 100 * number_at(step, "more") / whole : 0);
    snprintf(cpu, sizeof cpu, "cpu%.0f", number_at(step, "cpu"));
    page_print(page,
               "<td title=\"%s\">%s<svg class=\"step-bar\" viewBox=\"0 0 100 4\" preserveAspectRatio=\"none\" "
               "aria-hidden=\"true\"><rect class=\"series-1\" x=\"0\" y=\"0\" width=\"%s\" height=\"4\"/></svg></td>",
               count, us_text(slow, number_at(step, "more"), time), width);
    page_print(page, "<td>%s</td><td>%s", cpu, text_at(step, "text"));
    print_holders(page, slow, step);
    page_print(page, "</td></tr>\n");
}

static void print_slow(struct page *page, const json_t *slow, size_t number)
{
    const json_t *steps = json_object_get(slow, "steps"), *step;
    char whole[32], raised[32];
    size_t i;

    snprintf(raised, sizeof raised, "%.6f ms", number_at(slow, "raised_ns") / 1e6);
    page_print(page, number == 1 ? "<details open class=\"slow\">" : "<details class=\"slow\">");
    const char *woken = json_string_value(json_object_get(slow, "of"));
    if (woken != NULL)
        page_print(page, "<summary><strong>%zu. %s</strong> until %s runs after its wake-up at %s</summary>\n", number,
                   us_text(slow, number_at(slow, "cycles"), whole), woken, raised);
    else
        page_print(page, "<summary><strong>%zu. %s</strong> %s %zu, raised at %s</summary>\n", number,
                   us_text(slow, number_at(slow, "cycles"), whole), text_at(slow, "what"),
                   (size_t)number_at(slow, "number"), raised);
    if (json_is_true(json_object_get(slow, "cut")))
        page_print(page, "<p class=\"warn\">The recorded history begins after the interrupt.</p>\n");
    page_print(page,
               "<div class=\"scroll\" role=\"region\" tabindex=\"0\" aria-label=\"%s %zu\">\n<table class=\"steps\">"
               "<thead><tr><th scope=\"col\">time</th><th scope=\"col\">more</th>"
               "<th scope=\"col\">pCPU</th><th scope=\"col\">what happens</th></tr></thead>\n<tbody>\n",
               text_at(slow, "what"), (size_t)number_at(slow, "number"));
    json_array_foreach(steps, i, step) print_step(page, slow, step);
    page_print(page, "</tbody></table>\n</div>\n</details>\n");
}

static size_t count_of(const struct report *report, bool is_of_recordings)
{
    size_t count = 0;

    for (size_t i = 0; i < report->trace_count; i++)
        count += (report->traces[i].answer != NULL) == is_of_recordings;
    return count;
}

static void print_slowest(struct page *page, const struct report *report, bool is_of_recordings)
{
    page_style(page, "trace.css");
    for (size_t i = 0; i < report->trace_count; i++) {
        const struct report_trace *trace = &report->traces[i];
        const json_t *slow;
        size_t j;
        if ((trace->answer != NULL) != is_of_recordings)
            continue;
        if (report->trace_count > 1)
            page_print(page, "<h3>%s</h3>\n", trace->label);
        if (json_array_size(trace->slowest) == 0)
            page_print(page, "<p>No interrupt reached a handler%s.</p>\n",
                       is_of_recordings ? ", and no task was woken and ran" : "");
        json_array_foreach(trace->slowest, j, slow) print_slow(page, slow, j + 1);
    }
}

static bool has_runs(const struct report *report) { return count_of(report, false) > 0; }
static bool has_recordings(const struct report *report) { return count_of(report, true) > 0; }

static void print(struct page *page, const struct report *report)
{
    page_print(page, "<p class=\"note\">From the device, or the event channel, to the handler: what happened to the "
                     "interrupt, and what the pCPUs on its path did in the meantime. Time counts from its raise, "
                     "more from the step before; waits are in cycles. The same as text: <code>irqpath show --slowest "
                     "N</code>.</p>\n");
    print_slowest(page, report, false);
}

static void print_recorded(struct page *page, const struct report *report)
{
    page_print(page, "<p class=\"note\">From the device to the handler where the recording follows its interrupts, or "
                     "else from a wake-up until the task runs; and what its pCPU did meanwhile. The same as text: "
                     "<code>irqpath show --slowest N</code>.</p>\n");
    print_slowest(page, report, true);
}

const struct report_section section_slowest = {
    .id = "slowest",
    .title = "The slowest interrupts",
    .has_content = has_runs,
    .print = print,
};

const struct report_section section_slowest_recorded = {
    .id = "slowest-recorded",
    .title = "The slowest interrupts or wake-ups",
    .has_content = has_recordings,
    .print = print_recorded,
};
