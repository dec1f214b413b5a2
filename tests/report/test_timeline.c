/* SPDX-License-Identifier: Apache-2.0
 *
 * The section of timelines, from windows made by hand: which part of what they show, and the commands for another one.
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

#define DRAWN(number) \
    "<div class=\"timeline\" id=\"timeline-" number "\"><noscript>The timeline is drawn by a " \
    "script.</noscript></div>\n"
#define OF_RUN(path) \
    "<p class=\"note\">Another window: <code>irqpath report " path \
    " --trace --trace-window 10ms,11ms -o page.html</code>. All of the run in Perfetto: <code>irqpath trace " \
    "export " path \
    " -o run.pftrace</code>, and open the file at ui.perfetto.dev; <code>--trace-window</code> takes a part there, " \
    "too.</p>\n"
#define OF_RECORDING(path) \
    "<p class=\"note\">Another window: <code>irqpath report " path \
    " --trace-window 10ms,11ms -o page.html</code>.</p>\n"

static json_t *timeline_of(size_t events, bool is_cut)
{
    json_t *numbers = json_array();

    for (size_t i = 0; i < 5 * events; i++)
        json_array_append_new(numbers, json_integer((json_int_t)i));
    return json_pack("{s:i, s:i, s:b, s:i, s:o}", "from_ns", 1500, "until_ns", 2000000, "cut", is_cut,
                     "wanted_until_ns", 3000000, "events", numbers);
}

static void assert_printed(const struct report *report, const char *expected)
{
    struct page *page = page_new("t");
    char *text = NULL, *from, *to;
    size_t bytes;
    FILE *out = open_memstream(&text, &bytes);

    assert_non_null(out);
    assert_true(section_timeline.has_content(report));
    page_section_begin(page, section_timeline.id, section_timeline.title);
    section_timeline.print(page, report);
    page_section_end(page);
    page_write(page, out);
    fclose(out);
    page_free(page);
    from = strstr(text, "Timeline</h2>\n");
    assert_non_null(from);
    from += strlen("Timeline</h2>\n");
    to = strstr(from, "</section>");
    assert_non_null(to);
    *to = '\0';
    assert_string_equal(from, expected);
    free(text);
}

static void a_window_says_what_it_is(void **state)
{
    json_t *whole = timeline_of(3, false), *cut = timeline_of(1, true), *answer = json_object();
    const struct {
        struct report_trace trace;
        const char *expected;
    } rows[] = {
        { { .timeline = whole },
          "<p>From 0.001500 ms to 2.000000 ms of the run, around the slowest interrupt: 3 events.</p>\n" DRAWN("1")
              OF_RUN("RESULT") },
        { { .timeline = cut, .path = "a.cbor", .window = "1us,2ms" },
          "<p>From 0.001500 ms to 2.000000 ms of the run, the window that was asked for: 1 events. <span "
          "class=\"warn\">The window goes on to 3.000000 ms, but more events than these would be too many for a page: "
          "here is its beginning.</span></p>\n" DRAWN("1") OF_RUN("a.cbor") },
        { { .timeline = whole, .path = "a.dat", .answer = answer },
          "<p>From 0.001500 ms to 2.000000 ms of the recording, around the slowest: 3 events.</p>\n" DRAWN("1")
              OF_RECORDING("a.dat") },
        { { .timeline = whole, .path = "a.dat", .answer = answer, .window = "1us,2ms" },
          "<p>From 0.001500 ms to 2.000000 ms of the recording, the window that was asked for: 3 events.</p>\n" DRAWN(
              "1") OF_RECORDING("a.dat") },
        { { .timeline = NULL },
          "<p>There is none to draw around; <code>--trace-window</code> chooses a window.</p>\n" },
    };

    (void)state;
    for (size_t i = 0; i < sizeof rows / sizeof *rows; i++)
        assert_printed(&(struct report){ .traces = &rows[i].trace, .trace_count = 1 }, rows[i].expected);
    const struct report_trace two[] = { { .label = "a", .timeline = NULL }, { .label = "b", .timeline = whole } };
    assert_printed(&(struct report){ .traces = two, .trace_count = 2 },
                   "<h3>a</h3>\n<p>There is none to draw around; <code>--trace-window</code> chooses a window.</p>\n"
                   "<h3>b</h3>\n<p>From 0.001500 ms to 2.000000 ms of the run, around the slowest interrupt: 3 "
                   "events.</p>\n" DRAWN("2") OF_RUN("RESULT"));
    assert_false(section_timeline.has_content(&(struct report){ .traces = two, .trace_count = 0 }));
    json_decref(whole);
    json_decref(cut);
    json_decref(answer);
}

int main(void)
{
    static const struct CMUnitTest tests[] = { cmocka_unit_test(a_window_says_what_it_is) };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
