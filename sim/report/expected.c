/* SPDX-License-Identifier: Apache-2.0
 *
 * See expected.h. Expectations with the same text are one line, whatever the scenario.
 */
#define _GNU_SOURCE
#include "report/expected.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "base/check.h"
#include "base/text.h"
#include "report/page.h"
#include "report/resolved.h"
#include "report/sections.h"
#include "result/expect.h"

enum { EXPECTED_MAX = 64 };

struct expected {
    char *text;
    size_t runs, met;
    char miss[300]; /* what the first run that does not meet it has instead */
};

static struct expected *find(struct expected *lines, size_t *count, const char *text)
{
    for (size_t i = 0; i < *count; i++)
        if (strcmp(lines[i].text, text) == 0)
            return &lines[i];
    if (*count == EXPECTED_MAX)
        return NULL;
    lines[*count] = (struct expected){ .text = text_copy(text) };
    return &lines[(*count)++];
}

/* Of "expectation failed: irq.lost == 0, but it is 3" the end is enough behind the expectation itself. */
static void describe_miss(struct expected *line, const struct result *result, const char *message)
{
    const char *end = strstr(message, ", but ");

    snprintf(line->miss, sizeof line->miss, "%s, seed %zu: %.200s", result->design, (size_t)result->seed,
             end != NULL ? end + 2 : message);
}

static void evaluate(struct expected *line, const struct result *result)
{
    struct expectation expectation;
    struct diag diag;
    char message[400];

    diag_init(&diag);
    if (expect_parse(&expectation, line->text, (struct place){ 0, 1, 1 }, &diag)) {
        line->runs++;
        if (expect_evaluate(&expectation, &result->metrics, message, sizeof message) == EXPECT_MET)
            line->met++;
        else if (line->miss[0] == '\0')
            describe_miss(line, result, message);
        expect_free(&expectation);
    }
    diag_free(&diag);
}

static void print_line(struct page *page, const struct expected *line)
{
    bool is_met = line->met == line->runs;

    if (line->runs == 0) { /* of another version of the program */
        page_print(page, "<li class=\"warn\">not understood: <code>%s</code></li>\n", line->text);
        return;
    }
    page_print(page, "<li class=\"%s\">%s: <code>%s</code> in %zu of %zu run%s%s%s</li>\n", is_met ? "good" : "bad",
               is_met ? "met" : "missed", line->text, is_met ? line->met : line->runs - line->met, line->runs,
               line->runs == 1 ? "" : "s", is_met ? "" : "; ", is_met ? "" : line->miss);
}

void expected_print(struct page *page, const struct report *report)
{
    struct expected *lines = calloc(EXPECTED_MAX, sizeof *lines);
    size_t count = 0;

    CHECK(lines != NULL);
    for (size_t i = 0; i < report->set->count; i++) {
        struct resolved resolved;
        resolved_read(&resolved, report->set->results[i].resolved);
        for (size_t at = 0; at < resolved.expectation_count; at++) {
            struct expected *line = find(lines, &count, resolved.expectations[at]);
            if (line != NULL)
                evaluate(line, &report->set->results[i]);
        }
        resolved_free(&resolved);
    }
    if (count > 0)
        page_markup(page, "<h3>Expectations of the scenario</h3>\n<ul class=\"expectations\">\n");
    for (size_t i = 0; i < count; i++) {
        print_line(page, &lines[i]);
        free(lines[i].text);
    }
    if (count > 0)
        page_markup(page, "</ul>\n");
    free(lines);
}
