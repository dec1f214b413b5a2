/* SPDX-License-Identifier: Apache-2.0
 *
 * The section of who took whose time: of each kind of guest what it loses, as a bar and a table of the parts.
 */
#include <stdio.h>
#include <string.h>

#include "base/check.h"
#include "report/page.h"
#include "report/section_list.h"

enum { ROWS_MAX = 10, COLOURS = 7 };

/* What a table is about. */
struct loss {
    const char *guest;
    const json_t *json;
    double cycles, elapsed;
};

static const char *text_at(const json_t *object, const char *key)
{
    const char *text = json_string_value(json_object_get(object, key));

    CHECK(text != NULL);
    return text;
}

static double number_at(const json_t *object, const char *key)
{
    return (double)json_integer_value(json_object_get(object, key));
}

static double percent(double part, double whole) { return whole > 0 ? 100 * part / whole : 0; }

static const char *percent_text(double part, double whole, char text[24])
{
    double value = percent(part, whole);

    snprintf(text, 24, value != 0 && value < 0.005 ? "%.1g %%" : "%.2f %%", value);
    return text;
}

static size_t colour_of(size_t part) { return part < COLOURS ? part + 1 : 8; }

/* A bar of the loss's parts; the whole width is `scale` percent of the guest's time. */
static void print_bar(struct page *page, const struct loss *loss, double scale)
{
    const json_t *part;
    double left = 0;
    size_t i;

    page_print(page,
               "<svg class=\"loss-bar\" viewBox=\"0 0 100 4\" preserveAspectRatio=\"none\" aria-hidden=\"true\">");
    json_array_foreach(json_object_get(loss->json, "parts"), i, part)
    {
        double width = percent(number_at(part, "cycles"), loss->elapsed) * 100 / scale;
        char x[24], wide[24];
        snprintf(x, sizeof x, "%.4f", left);
        snprintf(wide, sizeof wide, "%.4f", width);
        page_print(
            page,
            "<rect class=\"series-%zu\" x=\"%s\" y=\"0\" width=\"%s\" height=\"4\"><title>%s %s %s</title></rect>",
            colour_of(i), x, wide, text_at(part, "while"), text_at(part, "what"), text_at(part, "for"));
        left += width;
    }
    page_print(page, "</svg>\n");
}

static void print_cells(struct page *page, const struct loss *loss, double time)
{
    char text[24];

    page_print(page, "<td data-label=\"of its time\">%s</td>", percent_text(time, loss->elapsed, text));
    page_print(page, "<td data-label=\"of the loss\">%s</td>", percent_text(time, loss->cycles, text));
    snprintf(text, sizeof text, "%.0f", time);
    page_print(page, "<td data-label=\"cycles\">%s</td></tr>\n", text);
}

static void print_part(struct page *page, const struct loss *loss, const json_t *part, size_t i)
{
    char holders[64] = "", share[24];

    if (json_object_get(part, "holders") != NULL)
        snprintf(holders, sizeof holders, "%.0f, most cpu%.0f: %s", number_at(part, "holders"), number_at(part, "most"),
                 percent_text(number_at(part, "most_cycles"), number_at(part, "cycles"), share));
    page_print(page, "<tr><th scope=\"row\"><span class=\"swatch series-%zu\"></span> %s</th>", colour_of(i),
               text_at(part, "while"));
    page_print(page,
               "<td data-label=\"what\">%s</td><td data-label=\"for\">%s</td>"
               "<td data-label=\"on pCPUs\">%s</td>",
               text_at(part, "what"), text_at(part, "for"), holders);
    print_cells(page, loss, number_at(part, "cycles"));
}

static void print_table(struct page *page, const struct loss *loss)
{
    const json_t *parts = json_object_get(loss->json, "parts"), *part;
    double told = 0;
    size_t i;

    page_print(page,
               "<div class=\"scroll\" role=\"region\" tabindex=\"0\" aria-label=\"%s, %s\">\n"
               "<table class=\"cards loss\" data-guest=\"%s\" data-loss=\"%s\">\n<thead><tr><th scope=\"col\">while "
               "its pCPU</th>"
               "<th scope=\"col\">what</th><th scope=\"col\">for</th><th scope=\"col\">on pCPUs</th>"
               "<th scope=\"col\">of its time</th><th scope=\"col\">of the loss</th>"
               "<th scope=\"col\">cycles</th></tr></thead>\n<tbody>\n",
               loss->guest, text_at(loss->json, "loss"), loss->guest, text_at(loss->json, "loss"));
    json_array_foreach(parts, i, part)
    {
        if (i == ROWS_MAX)
            break;
        print_part(page, loss, part, i);
        told += number_at(part, "cycles");
    }
    if (json_array_size(parts) > ROWS_MAX) {
        page_print(page, "<tr><th scope=\"row\">%zu smaller</th><td></td><td></td><td></td>",
                   json_array_size(parts) - ROWS_MAX);
        print_cells(page, loss, loss->cycles - told);
    }
    page_print(page, "<tr class=\"sum\"><th scope=\"row\">all</th><td></td><td></td><td></td>");
    print_cells(page, loss, loss->cycles);
    page_print(page, "</tbody></table>\n</div>\n");
}

/* The largest loss of a guest, in percent of its time. */
static double scale_of(const json_t *guests)
{
    const json_t *guest, *loss;
    double scale = 0;
    size_t i, j;

    json_array_foreach(guests, i, guest) json_array_foreach(json_object_get(guest, "losses"), j, loss)
    {
        double share = percent(number_at(loss, "cycles"), number_at(guest, "cycles"));
        scale = share > scale ? share : scale;
    }
    return scale > 0 ? scale : 1;
}

static void print_loss(struct page *page, const json_t *guest, const json_t *json, double scale)
{
    struct loss loss = { .guest = text_at(guest, "guest"),
                         .json = json,
                         .cycles = number_at(json, "cycles"),
                         .elapsed = number_at(guest, "cycles") };
    char share[24];

    page_print(page, "<h4>%s loses %s of its time as %s</h4>\n", loss.guest,
               percent_text(loss.cycles, loss.elapsed, share),
               strcmp(text_at(json, "loss"), "steal") == 0 ? "steal" : "lost running time");
    print_bar(page, &loss, scale);
    print_table(page, &loss);
}

static void print_trace(struct page *page, const struct report *report, const struct report_trace *trace)
{
    const json_t *guest, *loss;
    size_t i, j;

    if (report->trace_count > 1)
        page_print(page, "<h3>%s</h3>\n", trace->label);
    if (trace->attribution == NULL) {
        page_print(page, "<p>The designs of this family do not report runstates of vCPUs.</p>\n");
        return;
    }
    if (json_array_size(trace->attribution) == 0)
        page_print(page, "<p>No guest has lost any time.</p>\n");
    double scale = scale_of(trace->attribution);
    json_array_foreach(trace->attribution, i, guest) json_array_foreach(json_object_get(guest, "losses"), j, loss)
        print_loss(page, guest, loss, scale);
}

/* Recordings have a section of their own. */
static bool has_traces(const struct report *report)
{
    for (size_t i = 0; i < report->trace_count; i++)
        if (report->traces[i].answer == NULL)
            return true;
    return false;
}

static void print(struct page *page, const struct report *report)
{
    page_style(page, "trace.css");
    page_print(page,
               "<p class=\"note\">A vCPU loses time as steal (it could run, and another runs), and as lost running "
               "time (it is charged for running, but is not in guest mode). Every lost cycle is charged to what its "
               "pCPU did at that time; a wait for a lock to the pCPU that held it, and to the guest for which that one "
               "worked. Of the first seed; the same as text: <code>irqpath show --attribution</code>.</p>\n");
    for (size_t i = 0; i < report->trace_count; i++)
        if (report->traces[i].answer == NULL)
            print_trace(page, report, &report->traces[i]);
}

const struct report_section section_attribution = {
    .id = "attribution",
    .title = "Who took whose time",
    .has_content = has_traces,
    .print = print,
};
