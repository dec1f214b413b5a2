/* SPDX-License-Identifier: Apache-2.0
 *
 * The section of the slowest interrupts, from steps made by hand, as a page shows them.
 */
#define _GNU_SOURCE
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

#include <stdlib.h>
#include <string.h>

#include "report/page.h"
#include "report/section_list.h"

static const char *const one =
    "{'what': 'interrupt', 'number': 7, 'cycles': 4000, 'ns': 2000, 'raised_ns': 1500000, 'cut': true, 'steps': ["
    "{'cycles': 0, 'more': 0, 'cpu': 3, 'text': 'raised'},"
    "{'left_out': 12},"
    "{'cycles': 1000, 'more': 600, 'cpu': 11, 'text': 'waits', 'holders': [{'cpu': 2, 'cycles': 300}, {'cpu': 0, "
    "'cycles': 100}], 'more_holders': 5},"
    "{'cycles': 4000, 'more': 3000, 'cpu': 3, 'text': 'handler', 'holders': [{'cpu': 1, 'cycles': 2}]},"
    "{'cycles': 4000, 'more': 0, 'cpu': 3, 'text': 'end', 'holders': []}]}";
static const char *const woken = "{'what': 'wake-up', 'number': 2, 'of': 'v0', 'cycles': 0, 'ns': 0, 'raised_ns': 250, "
                                 "'steps': [{'cycles': 0, 'more': 0, 'cpu': 0, 'text': 'runs'}]}";

#define STEP(cycles, time, more, more_time, width, cpu, text) \
    "<tr data-cycles=\"" cycles "\"><th scope=\"row\" title=\"" cycles " cycles\">" time " us</th><td title=\"" more \
    " cycles\">" more_time " us<svg class=\"step-bar\" viewBox=\"0 0 100 4\" preserveAspectRatio=\"none\" " \
    "aria-hidden=\"true\"><rect class=\"series-1\" x=\"0\" y=\"0\" width=\"" width \
    "\" height=\"4\"/></svg></td><td>cpu" cpu "</td><td>" text
#define TABLE(what) \
    "<div class=\"scroll\" role=\"region\" tabindex=\"0\" aria-label=\"" what \
    "\">\n<table class=\"steps\"><thead><tr>" \
    "<th scope=\"col\">time</th><th scope=\"col\">more</th><th scope=\"col\">pCPU</th><th scope=\"col\">what " \
    "happens</th>" \
    "</tr></thead>\n<tbody>\n"

static const char *const printed_one =
    "<details open class=\"slow\"><summary><strong>1. 2.000 us</strong> interrupt 7, raised at 1.500000 ms</summary>\n"
    "<p class=\"warn\">The recorded history begins after the interrupt.</p>\n" TABLE("interrupt 7")
        STEP("0", "0.000", "0", "0.000", "0.000", "3",
             "raised</td></tr>\n") "<tr class=\"left-out\"><th scope=\"row\"></th><td></td><td></td><td>12 more "
                                   "steps</td></tr>\n" STEP("1000", "0.500", "600", "0.300", "15.000", "11",
                                                            "waits<ul class=\"holders\"><li>cpu2 held it for 0.150 "
                                                            "us</li><li>cpu0 held it for 0.050 us</li><li>and 5 "
                                                            "more</li></ul></td></tr>\n")
                                       STEP("4000", "2.000", "3000", "1.500", "75.000", "3",
                                            "handler<ul class=\"holders\"><li>cpu1 held it for 0.001 "
                                            "us</li></ul></td></tr>\n")
                                           STEP("4000", "2.000", "0", "0.000", "0.000", "3",
                                                "end</td></tr>\n") "</tbody></table>\n</div>\n</details>\n";
static const char *const printed_woken =
    "<details class=\"slow\"><summary><strong>2. 0.000 us</strong> until v0 runs after its wake-up at 0.000250 "
    "ms</summary>\n" TABLE("wake-up 2")
        STEP("0", "0.000", "0", "0.000", "0.000", "0", "runs</td></tr>\n") "</tbody></table>\n</div>\n</details>\n";

static json_t *parse(const char *text)
{
    char *json = strdup(text);
    json_error_t error;

    for (char *at = json; (at = strchr(at, '\'')) != NULL;)
        *at = '"';
    json_t *parsed = json_loads(json, 0, &error);
    free(json);
    if (parsed == NULL)
        fail_msg("%s", error.text);
    return parsed;
}

/* The section; free it. */
static char *printed_of(const struct report_section *section, const struct report *report)
{
    struct page *page = page_new("t");
    char *text = NULL, *from, *to;
    size_t bytes;
    FILE *out = open_memstream(&text, &bytes);

    assert_non_null(out);
    page_section_begin(page, section->id, section->title);
    section->print(page, report);
    page_section_end(page);
    page_write(page, out);
    fclose(out);
    page_free(page);
    from = strstr(text, "<p class=\"note\">From the device");
    assert_non_null(from);
    from = strstr(from, "</p>\n") + strlen("</p>\n");
    to = strstr(from, "</section>");
    assert_non_null(to);
    from = strndup(from, (size_t)(to - from));
    free(text);
    return from;
}

static void assert_printed(const struct report_section *section, const struct report *report, const char *expected)
{
    char *text = printed_of(section, report);

    assert_string_equal(text, expected);
    free(text);
}

static void steps_and_holders_are_shown(void **state)
{
    json_t *slowest = json_pack("[o, o]", parse(one), parse(woken)), *none = json_array(), *answer = json_object();
    struct report_trace traces[] = { { .label = "a", .slowest = slowest },
                                     { .label = "b", .slowest = none },
                                     { .label = "c", .slowest = slowest, .answer = answer } };
    struct report report = { .traces = traces, .trace_count = 1 };
    char expected[16384];

    (void)state;
    (void)snprintf(expected, sizeof expected, "%s%s", printed_one, printed_woken);
    assert_printed(&section_slowest, &report, expected);
    (void)snprintf(expected, sizeof expected, "<h3>a</h3>\n%s%s<h3>b</h3>\n<p>No interrupt reached a handler.</p>\n",
                   printed_one, printed_woken);
    report.trace_count = 3;
    assert_printed(&section_slowest, &report, expected);
    (void)snprintf(expected, sizeof expected, "<h3>c</h3>\n%s%s", printed_one, printed_woken);
    assert_printed(&section_slowest_recorded, &report, expected);
    traces[2].slowest = none;
    report = (struct report){ .traces = &traces[2], .trace_count = 1 };
    assert_printed(&section_slowest_recorded, &report,
                   "<p>No interrupt reached a handler, and no task was woken and ran.</p>\n");
    json_decref(slowest);
    json_decref(none);
    json_decref(answer);
}

/* Runs and recordings have sections of their own. */
static void a_section_is_there_for_what_it_shows(void **state)
{
    json_t *answer = json_object();
    struct report_trace traces[] = { { .answer = answer }, { .answer = NULL } };
    static const struct {
        size_t first, count;
        bool has_runs, has_recordings;
    } rows[] = { { 0, 0, false, false }, { 0, 1, false, true }, { 1, 1, true, false }, { 0, 2, true, true } };

    (void)state;
    for (size_t i = 0; i < sizeof rows / sizeof *rows; i++) {
        struct report report = { .traces = traces + rows[i].first, .trace_count = rows[i].count };
        assert_int_equal(section_slowest.has_content(&report), rows[i].has_runs);
        assert_int_equal(section_slowest_recorded.has_content(&report), rows[i].has_recordings);
    }
    json_decref(answer);
}

int main(void)
{
    static const struct CMUnitTest tests[] = {
        cmocka_unit_test(steps_and_holders_are_shown),
        cmocka_unit_test(a_section_is_there_for_what_it_shows),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
