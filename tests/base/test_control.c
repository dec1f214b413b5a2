/* SPDX-License-Identifier: Apache-2.0
 *
 * What a terminal could obey, and what is no UTF-8, is replaced.
 */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

#include <stdio.h>
#include <string.h>

#include "base/control.h"

static void texts_are_cleaned(void **state)
{
    static const struct {
        const char *text, *clean;
    } rows[] = {
        { "", "" },
        { "plain \xC3\xA9 \xE2\x82\xAC \xF0\x9F\x98\x80", "plain \xC3\xA9 \xE2\x82\xAC \xF0\x9F\x98\x80" },
        { "two\nlines", "two\nlines" },
        { "\033[31mred\t\r\x7F", "?[31mred???" },
        { "\xC2\x9B"
          "31m",
          "??31m" },
        { "\x9B"
          "31m",
          "?31m" },
        { "\xFF \xC3", "? ?" },
        { "\xC0\x80 \xE0\x80\x80", "?? ???" },      /* longer than need be */
        { "\xED\xA0\x80", "???" },                  /* a surrogate */
        { "\xF4\x90\x80\x80 \xE2\x82", "???? ??" }, /* beyond the last; cut */
    };

    (void)state;
    for (size_t i = 0; i < sizeof rows / sizeof rows[0]; i++) {
        char text[64];
        snprintf(text, sizeof text, "%s", rows[i].text);
        control_clean(text);
        assert_string_equal(text, rows[i].clean);
    }
}

int main(void)
{
    static const struct CMUnitTest tests[] = { cmocka_unit_test(texts_are_cleaned) };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
