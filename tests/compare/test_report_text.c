/* SPDX-License-Identifier: Apache-2.0
 *
 * Lines of a width, counted in characters.
 */
#define _GNU_SOURCE
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <cmocka.h>

#include <stdio.h>
#include <stdlib.h>

#include "compare/report_parts.h"

static void lines_are_broken_at_blanks(void **state)
{
    static const struct {
        const char *text;
        size_t width;
        const char *lines;
    } rows[] = {
        { "", 10, "\n" },
        { "one", 10, "one\n" },
        { "one two three", 13, "one two three\n" },
        { "one two three", 12, "one two\nthree\n" },
        { "one two three", 7, "one two\nthree\n" },
        { "one two three", 6, "one\ntwo\nthree\n" },
        { "a-very-long-word is kept", 6, "a-very-long-word\nis\nkept\n" },
        { "± ± ±", 5, "± ± ±\n" },
        { "± ± ±", 4, "± ±\n±\n" },
        { "one two", SIZE_MAX, "one two\n" },
    };

    (void)state;
    for (size_t i = 0; i < sizeof rows / sizeof rows[0]; i++) {
        char *text;
        size_t bytes, lines = 0;
        FILE *out = open_memstream(&text, &bytes);
        size_t counted = report_wrap(rows[i].text, rows[i].width, false, out);
        fclose(out);
        assert_string_equal(text, rows[i].lines);
        for (size_t j = 0; j < bytes; j++)
            lines += text[j] == '\n';
        assert_int_equal(counted, lines);
        assert_int_equal(report_wrap(rows[i].text, rows[i].width, false, NULL), lines);
        free(text);
    }
}

int main(void)
{
    const struct CMUnitTest tests[] = { cmocka_unit_test(lines_are_broken_at_blanks) };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
