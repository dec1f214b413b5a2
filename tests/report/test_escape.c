/* SPDX-License-Identifier: Apache-2.0
 *
 * Names stay text: in HTML, and in JSON inside of HTML.
 */
#define _GNU_SOURCE
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

#include <stdlib.h>
#include <string.h>

#include "report/escape.h"

static void html_is_escaped(void **state)
{
    static const struct {
        const char *text, *html;
    } rows[] = {
        { "", "" },
        { "plain, \xc2\xb1 \xe2\x82\xac \xf0\x9f\x98\x80", "plain, \xc2\xb1 \xe2\x82\xac \xf0\x9f\x98\x80" },
        { "<script>alert(1)</script>", "&lt;script&gt;alert(1)&lt;/script&gt;" },
        { "\"' onload='x", "&quot;&#39; onload=&#39;x" },
        { "&lt;", "&amp;lt;" },
        { "<!-- -->", "&lt;!-- --&gt;" },
        { "two\nlines\r\n\t", "two\nlines&#13;\n\t" },
        { "bell\x07 escape\x1b delete\x7f c1\xc2\x85",
          "bell\xef\xbf\xbd escape\xef\xbf\xbd delete\xef\xbf\xbd c1\xef\xbf\xbd" },
        { "a\xff", "a\xef\xbf\xbd" },
        { "\xef\xb8\xbe \xe1\xbf\xbe \xe1\xbf\xbd \xef\xbf\xbd",
          "\xef\xb8\xbe \xe1\xbf\xbe \xe1\xbf\xbd \xef\xbf\xbd" },
        { "\xef\xbf\xbe \xef\xbf\xbf", "\xef\xbf\xbd \xef\xbf\xbd" },               /* no characters of XML */
        { "\xc3(", "\xef\xbf\xbd(" },                                               /* cut short */
        { "\xc0\xbc", "\xef\xbf\xbd\xef\xbf\xbd" },                                 /* "<", overlong */
        { "\xed\xa0\x80", "\xef\xbf\xbd\xef\xbf\xbd\xef\xbf\xbd" },                 /* a surrogate */
        { "\xf4\x90\x80\x80", "\xef\xbf\xbd\xef\xbf\xbd\xef\xbf\xbd\xef\xbf\xbd" }, /* above U+10FFFF */
        { "\xe2\x82", "\xef\xbf\xbd\xef\xbf\xbd" },
    };

    (void)state;
    for (size_t i = 0; i < sizeof rows / sizeof rows[0]; i++) {
        char *html = NULL;
        size_t bytes;
        FILE *out = open_memstream(&html, &bytes);
        escape_html(rows[i].text, out);
        fclose(out);
        assert_string_equal(html, rows[i].html);
        free(html);
    }
}

static char *escaped(const json_t *json)
{
    char *text = NULL;
    size_t bytes;
    FILE *out = open_memstream(&text, &bytes);

    escape_json(json, out);
    fclose(out);
    return text;
}

static void json_cannot_end_its_element(void **state)
{
    static const char *const texts[] = {
        "</script><script>alert(1)</script>", "<!-- <script>", "-->", "&amp;", "]]>", "\"quoted\"\n\\", "\xe2\x80\xa8"
    };

    (void)state;
    for (size_t i = 0; i < sizeof texts / sizeof texts[0]; i++) {
        json_t *json = json_pack("{s:s, s:f}", texts[i], texts[i], "number", 0.1);
        char *text = escaped(json);
        assert_null(strpbrk(text, "<>&\n"));
        json_t *again = json_loads(text, 0, NULL);
        assert_true(json_equal(json, again));
        json_decref(again);
        json_decref(json);
        free(text);
    }
}

static void json_texts_are_utf8(void **state)
{
    static const struct {
        const char *text, *json;
    } rows[] = {
        { NULL, "null" },
        { "", "\"\"" },
        { "a\xff\xc2\xb1", "\"a\xef\xbf\xbd\xc2\xb1\"" },
        { "\x01", "\"\\u0001\"" },
    };

    (void)state;
    for (size_t i = 0; i < sizeof rows / sizeof rows[0]; i++) {
        json_t *json = escape_json_text(rows[i].text);
        char *text = escaped(json);
        assert_string_equal(text, rows[i].json);
        json_decref(json);
        free(text);
    }
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(html_is_escaped),
        cmocka_unit_test(json_cannot_end_its_element),
        cmocka_unit_test(json_texts_are_utf8),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
