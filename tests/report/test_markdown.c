/* SPDX-License-Identifier: Apache-2.0
 *
 * The Markdown of verdicts and notes.
 */
#define _GNU_SOURCE
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

#include <stdlib.h>
#include <string.h>

#include "report/markdown.h"
#include "report/page.h"

static void markdown_becomes_html(void **state)
{
    static const struct {
        const char *text, *html;
    } rows[] = {
        { "", "" },
        { "one\ntwo", "<p>one\ntwo</p>\n" },
        { "one\n\n\ntwo\n", "<p>one</p>\n<p>two</p>\n" },
        { "a\n- b\n- c\n  and d\n\ne", "<p>a</p>\n<ul>\n<li>b</li>\n<li>c\nand d</li>\n</ul>\n<p>e</p>\n" },
        { "1. a\n12. b\n- c", "<ol>\n<li>a</li>\n<li>b</li>\n</ol>\n<ul>\n<li>c</li>\n</ul>\n" },
        { "`a*b*` **c `d`** *e*", "<p><code>a*b*</code> <strong>c <code>d</code></strong> <em>e</em></p>\n" },
        { "2 * 3 * 4 `open **bold", "<p>2 * 3 * 4 `open **bold</p>\n" },
        { "-5 % and 1.5", "<p>-5 % and 1.5</p>\n" },
        { "** ``", "<p>** ``</p>\n" },
        { "[a <b>](https://x/?a&b)", "<p><a rel=\"noreferrer\" href=\"https://x/?a&amp;b\">a &lt;b&gt;</a></p>\n" },
        { "[a](javascript:alert(1)) [b] (c)", "<p>[a](javascript:alert(1)) [b] (c)</p>\n" },
        { "<i>a</i> & \"b\"", "<p>&lt;i&gt;a&lt;/i&gt; &amp; &quot;b&quot;</p>\n" },
    };

    (void)state;
    for (size_t i = 0; i < sizeof rows / sizeof rows[0]; i++) {
        static char *text;
        static size_t bytes;
        struct page *page = page_new("x");
        page_markup(page, "<!--begin-->");
        markdown_print(page, rows[i].text);
        page_markup(page, "<!--end-->");
        FILE *out = open_memstream(&text, &bytes);
        page_write(page, out);
        fclose(out);
        page_free(page);
        char *begin = strstr(text, "<!--begin-->") + strlen("<!--begin-->"), *end = strstr(begin, "<!--end-->");
        *end = '\0';
        assert_string_equal(begin, rows[i].html);
        free(text);
    }
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(markdown_becomes_html),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
