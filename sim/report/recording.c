/* SPDX-License-Identifier: Apache-2.0
 *
 * The section of recordings: of each vCPU how long it ran, waited and was blocked, as a bar and in a table, and what
 * kept it; and what the recording does not say.
 */
#include <stdio.h>

#include "base/check.h"
#include "report/page.h"
#include "report/section_list.h"

enum { TASKS_MAX = 24, DETAILED_MAX = 8, ROWS_MAX = 12 };
#define TOLD 0.995 /* of a loss */

/* The parts of a task's time, with the colours of the bar. */
static const struct {
    const char *key, *label;
    size_t colour;
} times[] = {
    { "waiting", "waiting", 2 }, { "running", "running", 1 }, { "blocked", "blocked", 7 }, { "unknown", "unknown", 8 }
};

enum { TIMES = sizeof times / sizeof *times };

static double number_at(const json_t *object, const char *key)
{
    return (double)json_integer_value(json_object_get(object, key));
}

static const char *text_at(const json_t *object, const char *key)
{
    const char *text = json_string_value(json_object_get(object, key));

    return text != NULL ? text : "-";
}

static const char *percent_text(double part, double whole, char text[24])
{
    double value = whole > 0 ? 100 * part / whole : 0;

    if (part == 0)
        snprintf(text, 24, "0");
    else
        snprintf(text, 24, value < 0.005 ? "<0.01 %%" : "%.2f %%", value);
    return text;
}

static const char *time_text(const json_t *answer, double ticks, char text[32])
{
    snprintf(text, 32, "%.3f ms", ticks * 1e3 / number_at(answer, "frequency_hz"));
    return text;
}

/* --- the tasks --- */

static void print_bar(struct page *page, const json_t *answer, const json_t *task)
{
    double left = 0, whole = number_at(answer, "ticks");

    page_print(page,
               "<svg class=\"time-bar\" viewBox=\"0 0 100 4\" preserveAspectRatio=\"none\" aria-hidden=\"true\">");
    for (size_t i = 0; i < TIMES; i++) {
        double width = whole > 0 ? 100 * number_at(task, times[i].key) / whole : 0;
        char x[24], wide[24];
        snprintf(x, sizeof x, "%.4f", left);
        snprintf(wide, sizeof wide, "%.4f", width);
        page_print(page,
                   "<rect class=\"series-%zu\" x=\"%s\" y=\"0\" width=\"%s\" height=\"4\"><title>%s</title></rect>",
                   times[i].colour, x, wide, times[i].label);
        left += width;
    }
    page_print(page, "</svg>");
}

static void print_task(struct page *page, const json_t *answer, const json_t *task)
{
    char text[24];

    page_print(page, "<tr><th scope=\"row\">%s ", text_at(task, "name"));
    print_bar(page, answer, task);
    page_print(page, "</th>");
    for (size_t i = 0; i < TIMES; i++)
        page_print(page, "<td data-label=\"%s\">%s</td>", times[i].label,
                   percent_text(number_at(task, times[i].key), number_at(answer, "ticks"), text));
    page_print(page, "</tr>\n");
}

static void print_tasks(struct page *page, const json_t *answer)
{
    const json_t *tasks = json_object_get(answer, "tasks"), *task;
    size_t i;

    page_print(page, "<div class=\"scroll\" role=\"region\" tabindex=\"0\" aria-label=\"Time of each task\">\n"
                     "<table class=\"cards tasks\"><thead><tr><th scope=\"col\">task</th>");
    for (i = 0; i < TIMES; i++)
        page_print(page, "<th scope=\"col\"><span class=\"swatch series-%zu\"></span> %s</th>", times[i].colour,
                   times[i].label);
    page_print(page, "</tr></thead>\n<tbody>\n");
    json_array_foreach(tasks, i, task) if (i < TASKS_MAX) print_task(page, answer, task);
    page_print(page, "</tbody></table>\n</div>\n");
    if (json_array_size(tasks) > TASKS_MAX)
        page_print(page, "<p>And %zu more that waited less: <code>irqpath show --attribution --csv</code>.</p>\n",
                   json_array_size(tasks) - TASKS_MAX);
}

/* --- what kept them --- */

static void print_part(struct page *page, const json_t *answer, const json_t *part, double lost)
{
    char text[32];

    page_print(page, "<tr><th scope=\"row\">%s</th><td data-label=\"lost while\">%s</td>", text_at(part, "by"),
               text_at(part, "lost"));
    page_print(page, "<td data-label=\"time\">%s</td>", time_text(answer, number_at(part, "ticks"), text));
    page_print(page, "<td data-label=\"of all\">%s</td>",
               percent_text(number_at(part, "ticks"), number_at(answer, "ticks"), text));
    page_print(page, "<td data-label=\"of the loss\">%s</td></tr>\n",
               percent_text(number_at(part, "ticks"), lost, text));
}

static double sum_of(const json_t *parts)
{
    const json_t *part;
    double sum = 0;
    size_t i;

    json_array_foreach(parts, i, part) sum += number_at(part, "ticks");
    return sum;
}

static void print_parts(struct page *page, const json_t *answer, const json_t *task)
{
    const json_t *parts = json_object_get(task, "parts"), *part;
    double lost = sum_of(parts), told = 0;
    char text[24];
    size_t i;

    page_print(page, "<h4>%s lost %s of its time</h4>\n", text_at(task, "name"),
               percent_text(lost, number_at(answer, "ticks"), text));
    page_print(
        page,
        "<div class=\"scroll\" role=\"region\" tabindex=\"0\" aria-label=\"%s\">\n"
        "<table class=\"cards kept\" data-task=\"%s\"><thead><tr><th scope=\"col\">to</th><th scope=\"col\">lost "
        "while</th><th scope=\"col\">time</th><th scope=\"col\">of all</th><th scope=\"col\">of the loss</th></tr>"
        "</thead>\n<tbody>\n",
        text_at(task, "name"), text_at(task, "name"));
    json_array_foreach(parts, i, part)
    {
        if (i == ROWS_MAX || told >= TOLD * lost)
            break;
        print_part(page, answer, part, lost);
        told += number_at(part, "ticks");
    }
    page_print(page, "</tbody></table>\n</div>\n");
    if (i < json_array_size(parts))
        page_print(page, "<p>And %zu smaller ones, %s of its time.</p>\n", json_array_size(parts) - i,
                   percent_text(lost - told, number_at(answer, "ticks"), text));
}

static void print_list(struct page *page, const json_t *list)
{
    const json_t *item;
    size_t i;

    if (json_array_size(list) == 0)
        return;
    page_print(page, "<p>Not in the recording:</p>\n<ul>\n");
    json_array_foreach(list, i, item) page_print(page, "<li>%s</li>\n", json_string_value(item));
    page_print(page, "</ul>\n");
}

static void print_answer(struct page *page, const json_t *answer)
{
    const json_t *task;
    size_t i, detailed = 0;

    print_tasks(page, answer);
    json_array_foreach(json_object_get(answer, "tasks"), i, task)
    {
        if (json_array_size(json_object_get(task, "parts")) == 0 || detailed == DETAILED_MAX)
            continue;
        print_parts(page, answer, task);
        detailed++;
    }
    print_list(page, json_object_get(answer, "missing"));
}

/* --- the section --- */

static bool has_recordings(const struct report *report)
{
    for (size_t i = 0; i < report->trace_count; i++)
        if (report->traces[i].answer != NULL)
            return true;
    return false;
}

static void print(struct page *page, const struct report *report)
{
    page_style(page, "trace.css");
    page_print(
        page,
        "<p class=\"note\">A task waits while it could run and another does. Every part of its waiting, and of "
        "its running outside of its guest, belongs to what its pCPU did then; the parts sum to the whole. What "
        "the recording does not say is unknown. The same as text: <code>irqpath show --attribution</code>.</p>\n");
    for (size_t i = 0; i < report->trace_count; i++) {
        if (report->traces[i].answer == NULL)
            continue;
        if (report->trace_count > 1)
            page_print(page, "<h3>%s</h3>\n", report->traces[i].label);
        print_answer(page, report->traces[i].answer);
    }
}

const struct report_section section_recording = {
    .id = "recording",
    .title = "Who took whose time",
    .has_content = has_recordings,
    .print = print,
};
