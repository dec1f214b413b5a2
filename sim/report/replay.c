/* SPDX-License-Identifier: Apache-2.0
 *
 * The section of replays: of each the steps as a table, with a column for the devices and one for each pCPU. replay.js
 * walks through them, and shows the locks, the words, the store buffers and the source at each step.
 */
#define _GNU_SOURCE
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "base/check.h"
#include "base/text.h"
#include "report/page.h"
#include "report/section_list.h"

static const char *text_at(const json_t *object, const char *key)
{
    const char *text = json_string_value(json_object_get(object, key));

    CHECK(text != NULL);
    return text;
}

static size_t number_at(const json_t *object, const char *key)
{
    return (size_t)json_integer_value(json_object_get(object, key));
}

static bool has_replays(const struct report *report) { return report->replay_count > 0; }

static void print_head(struct page *page, size_t cpus)
{
    page_print(page, "<thead><tr><th scope=\"col\">step</th><th scope=\"col\">devices</th>");
    for (size_t cpu = 0; cpu < cpus; cpu++)
        page_print(page, "<th scope=\"col\">cpu%zu</th>", cpu);
    page_print(page, "</tr></thead>\n");
}

/* Lines are not broken within "->". */
static void print_note(struct page *page, const char *text)
{
    page_print(page, "<div>");
    for (const char *arrow; (arrow = strstr(text, "->")) != NULL; text = arrow + 2) {
        char *before = text_copy_bytes(text, (size_t)(arrow - text));
        page_print(page, "%s<span class=\"arrow\">%s</span>", before, "->");
        free(before);
    }
    page_print(page, "%s</div>", text);
}

/* The notes of a step at one place. A step of a pCPU without any is one that no other pCPU can see. */
static void print_cell(struct page *page, const json_t *step, const char *place)
{
    bool is_actor = strcmp(text_at(step, "actor"), place) == 0, is_empty = true;
    const json_t *notes = json_object_get(step, "notes"), *note;
    size_t i;

    page_print(page, is_actor ? "<td class=\"turn\">" : "<td>");
    json_array_foreach(notes, i, note)
    {
        if (strcmp(text_at(note, "place"), place) != 0)
            continue;
        print_note(page, text_at(note, "text"));
        is_empty = false;
    }
    page_print(page,
               is_actor && is_empty ? "<div title=\"nothing that another CPU can see\">\xc2\xb7</div></td>" : "</td>");
}

static void print_steps(struct page *page, const json_t *json)
{
    size_t cpus = number_at(json, "cpus"), i;
    const json_t *step;

    json_array_foreach(json_object_get(json, "steps"), i, step)
    {
        page_print(page, "<tr data-step=\"%zu\"><th scope=\"row\">%zu</th>", i + 1, i + 1);
        print_cell(page, step, "-");
        for (size_t cpu = 0; cpu < cpus; cpu++) {
            char place[24];
            snprintf(place, sizeof place, "cpu%zu", cpu);
            print_cell(page, step, place);
        }
        page_print(page, "</tr>\n");
    }
}

static void print_replay(struct page *page, const struct report_replay *replay, size_t number)
{
    const json_t *json = replay->json;
    size_t cpus = number_at(json, "cpus"), steps = json_array_size(json_object_get(json, "steps"));
    char id[32];

    snprintf(id, sizeof id, "replay-%zu", number);
    page_data(page, id, json_incref(replay->json));
    page_print(page, "<article class=\"replay\" id=\"%s\" data-number=\"%zu\" aria-labelledby=\"%s-title\">\n", id,
               number, id);
    page_print(page, "<h3 id=\"%s-title\">%s: %s</h3>\n<p class=\"bad\">%s</p>\n", id, text_at(json, "design"),
               text_at(json, "kind"), text_at(json, "text"));
    page_print(page,
               "<p class=\"note\">%zu step%s of %zu pCPU%s under %s. The same as text: <code>irqpath replay %s</code>; "
               "as JSON: <code>irqpath replay --json %s</code>.</p>\n",
               steps, steps == 1 ? "" : "s", cpus, cpus == 1 ? "" : "s",
               strcmp(text_at(json, "memory"), "tso") == 0 ? "total store order (x86)" : "sequential consistency",
               replay->path, replay->path);
    page_print(page, "<div class=\"scroll replay-scroll\" role=\"region\" tabindex=\"0\" aria-label=\"Steps\">\n"
                     "<table class=\"replay-steps\">\n");
    print_head(page, cpus);
    page_print(page, "<tbody>\n");
    print_steps(page, json);
    page_print(page, "</tbody>\n</table>\n</div>\n</article>\n");
}

static void print(struct page *page, const struct report *report)
{
    page_style(page, "replay.css");
    page_script(page, "replay.js");
    for (size_t i = 0; i < report->replay_count; i++)
        print_replay(page, &report->replays[i], i + 1);
}

const struct report_section section_replay = {
    .id = "replay",
    .title = "Step by step",
    .has_content = has_replays,
    .print = print,
};
