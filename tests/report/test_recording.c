/* SPDX-License-Identifier: Apache-2.0
 *
 * The section of recordings, from answers made by hand: shares in bars and tables, what is cut off and what is missing.
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

/* The section of these answers, which are released; free it. */
static char *section_of(json_t *first, json_t *second)
{
    struct report_trace traces[] = { { .label = "one", .answer = first },
                                     { .label = "two", .answer = second },
                                     { .label = "result" } };
    struct report report = { .traces = traces, .trace_count = second != NULL ? 3 : 1 };
    struct page *page = page_new("t");
    char *text = NULL, *from;
    size_t bytes;
    FILE *out = open_memstream(&text, &bytes);

    assert_non_null(out);
    assert_true(section_recording.has_content(&report));
    page_section_begin(page, "recording", section_recording.title);
    section_recording.print(page, &report);
    page_section_end(page);
    page_write(page, out);
    fclose(out);
    page_free(page);
    json_decref(first);
    json_decref(second);
    from = strstr(text, "<section id=\"recording\"");
    assert_non_null(from);
    from = strdup(from);
    free(text);
    return from;
}

static json_t *answer_of(json_t *tasks)
{
    return json_pack("{s:i, s:i, s:o, s:[s]}", "ticks", 1000000, "frequency_hz", 1000000000, "tasks", tasks, "missing",
                     "guest mode");
}

static json_t *task_of(const char *name, int waiting, json_t *parts)
{
    return json_pack("{s:s, s:i, s:i, s:i, s:i, s:o}", "name", name, "waiting", waiting, "running", 250000, "blocked",
                     0, "unknown", 20, "parts", parts);
}

static json_t *part_of(const char *by, int ticks)
{
    return json_pack("{s:s, s:s, s:i}", "by", by, "lost", "runnable", "ticks", ticks);
}

static void assert_has(const char *text, const char *part)
{
    if (strstr(text, part) == NULL)
        fail_msg("'%s' is not in\n%s", part, text);
}

static size_t times_of(const char *text, const char *part)
{
    size_t count = 0;

    for (; (text = strstr(text, part)) != NULL; text++)
        count++;
    return count;
}

/* A quarter running begins where the waiting ends; less than a hundredth of a percent is said so. */
static void shares_are_of_the_whole(void **state)
{
    (void)state;
    char *text = section_of(answer_of(json_pack("[o]", task_of("v0", 500000, json_array()))), NULL);
    assert_has(text, "v0");
    assert_has(text, "x=\"0.0000\" y=\"0\" width=\"50.0000\"");
    assert_has(text, "x=\"50.0000\" y=\"0\" width=\"25.0000\"");
    assert_has(text, "x=\"75.0000\" y=\"0\" width=\"0.0000\"");
    assert_has(text, "<td data-label=\"waiting\">50.00 %</td><td data-label=\"running\">25.00 %</td>"
                     "<td data-label=\"blocked\">0</td><td data-label=\"unknown\">&lt;0.01 %</td>");
    assert_has(text, "Not in the recording:</p>\n<ul>\n<li>guest mode</li>");
    assert_null(strstr(text, "more that waited less"));
    assert_null(strstr(text, "<h3>"));
    assert_null(strstr(text, "<h4>")); /* nothing kept it */
    free(text);
}

/* 24 tasks are shown, and of 8 what kept them, each with 12 rows or as many as tell of 99.5 %. */
static void the_rest_is_counted(void **state)
{
    json_t *tasks = json_array();

    (void)state;
    for (int i = 0; i < 27; i++) {
        json_t *parts = json_array();
        for (int part = 0; i > 0 && part < (i == 1 ? 15 : 1); part++)
            json_array_append_new(parts, part_of("v9", 10000));
        if (i == 2) {
            json_array_append_new(parts, part_of("small", 40)); /* less than 0.5 % of the loss */
            json_array_append_new(parts, part_of("smaller", 5));
        }
        json_array_append_new(tasks, task_of("v", 1000, parts));
    }
    char *text = section_of(answer_of(tasks), NULL);
    assert_int_equal(times_of(text, "class=\"time-bar\""), 24);
    assert_has(text, "<p>And 3 more that waited less: <code>");
    assert_int_equal(times_of(text, "<h4>"), 8);
    assert_has(text, "lost 15.00 % of its time</h4>");
    assert_int_equal(times_of(text, "<th scope=\"row\">v9</th><td data-label=\"lost while\">runnable</td><td "
                                    "data-label=\"time\">0.010 ms</td><td data-label=\"of all\">1.00 %</td>"),
                     12 + 7);
    assert_has(text, "<p>And 3 smaller, 3.00 % of its time.</p>");
    assert_has(text, "<p>And 2 smaller, &lt;0.01 % of its time.</p>");
    assert_has(text, "<td data-label=\"of the loss\">6.67 %</td>");
    assert_null(strstr(text, "small</th>"));
    free(text);
}

/* Each of several recordings has its name; a result among them is no recording. */
static void each_recording_has_its_name(void **state)
{
    (void)state;
    char *text = section_of(answer_of(json_pack("[o]", task_of("v0", 1, json_array()))),
                            answer_of(json_pack("[o]", task_of("v1", 1, json_array()))));
    assert_has(text, "<h3>one</h3>");
    assert_has(text, "<h3>two</h3>");
    assert_null(strstr(text, "<h3>result</h3>"));
    free(text);
    struct report_trace trace = { .label = "result" };
    struct report report = { .traces = &trace, .trace_count = 1 };
    assert_false(section_recording.has_content(&report));
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(shares_are_of_the_whole),
        cmocka_unit_test(the_rest_is_counted),
        cmocka_unit_test(each_recording_has_its_name),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
