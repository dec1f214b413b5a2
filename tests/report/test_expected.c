/* SPDX-License-Identifier: Apache-2.0
 *
 * The expectations of scenarios on a page: each once, met or missed in how many runs, with what the first miss was.
 */
#define _GNU_SOURCE
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "report/expected.h"
#include "report/page.h"
#include "report/sections.h"
#include "result/result.h"

static const char resolved[] = "name: s\nexpect:\n  - \"irq.lost == 0\"\n  - \"irq.raised < 3\"\n";

/* The page of three runs, which raise 1, 2 and 3 interrupts. */
static char *page_of(const char *text)
{
    struct report report = { .trace_count = 0 };
    struct page *page = page_new("t");
    struct result_set set;
    char *printed = NULL;
    size_t bytes;
    FILE *out = open_memstream(&printed, &bytes);

    assert_non_null(out);
    result_set_init(&set);
    for (uint64_t seed = 1; seed <= 3; seed++) {
        struct result result;
        result_init(&result, "s", "d", seed, text);
        metrics_append(&result.metrics, "irq.lost", 0, 1);
        metrics_append(&result.metrics, "irq.raised", seed, 1);
        result_set_append(&set, &result);
    }
    report.set = &set;
    page_section_begin(page, "x", "X");
    expected_print(page, &report);
    page_section_end(page);
    page_write(page, out);
    fclose(out);
    page_free(page);
    result_set_free(&set);
    return printed;
}

static void each_expectation_is_a_line(void **state)
{
    char *page = page_of(resolved);

    (void)state;
    assert_non_null(strstr(page, "<ul class=\"expectations\">\n"
                                 "<li class=\"good\">met: <code>irq.lost == 0</code> in 3 of 3 runs</li>\n"
                                 "<li class=\"bad\">missed: <code>irq.raised &lt; 3</code> in 1 of 3 runs; d, seed 3: "
                                 "but it is 3</li>\n</ul>\n"));
    free(page);
    page = page_of("name: s\nexpect:\n  - \"irq.raised ~ 3\"\n");
    assert_non_null(strstr(page, "<li class=\"warn\">not understood: <code>irq.raised ~ 3</code></li>"));
    free(page);
    page = page_of("name: s\n");
    assert_null(strstr(page, "expectations"));
    free(page);
}

int main(void)
{
    const struct CMUnitTest tests[] = { cmocka_unit_test(each_expectation_is_a_line) };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
