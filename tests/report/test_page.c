/* SPDX-License-Identifier: Apache-2.0
 *
 * The frame of the page: its policy, its parts in their order, and what is escaped.
 */
#define _GNU_SOURCE
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

#include <stdlib.h>
#include <string.h>

#include "report/asset.h"
#include "report/page.h"

static char *written(const struct page *page)
{
    static char *text;
    static size_t bytes;
    FILE *out = open_memstream(&text, &bytes);

    page_write(page, out);
    fclose(out);
    return text;
}

/* Finds the texts one behind the other. */
static void assert_in_order(const char *text, const char *const *parts)
{
    for (; *parts != NULL; parts++) {
        const char *found = strstr(text, *parts);
        if (found == NULL)
            fail_msg("not in its place: %s", *parts);
        text = found + strlen(*parts);
    }
}

static size_t count_of(const char *text, const char *part)
{
    size_t count = 0;

    for (; (text = strstr(text, part)) != NULL; text += strlen(part))
        count++;
    return count;
}

static void parts_stand_in_order(void **state)
{
    static const char *const parts[] = {
        "<!doctype html>",
        "default-src 'none'; img-src data:; script-src 'sha256-",
        "; style-src 'sha256-",
        "; base-uri 'none'; form-action 'none'\">",
        "<title>&lt;b&gt;</title>",
        "<style>",
        "<h1>&lt;b&gt;</h1>",
        "<li><a href=\"#first\">One &amp; two</a></li>",
        "<section id=\"first\" aria-labelledby=\"first-title\">",
        "<h2 id=\"first-title\">One &amp; two</h2>",
        "<p class=\"x\" title=\"&quot;\">3 % of &lt;i&gt;</p>",
        "</section>",
        "<script type=\"application/json\" id=\"first-data\">{\"name\":\"\\u003c/script\\u003e\"}</script>",
        "<script>/* SPDX",
        "</html>\n",
        NULL,
    };
    struct page *page = page_new("<b>");

    (void)state;
    page_section_begin(page, "first", "One & two");
    page_print(page, "<p class=\"x\" title=\"%s\">%zu %% of %s</p>", "\"", (size_t)3, "<i>");
    page_data(page, "first", json_pack("{s:s}", "name", "</script>"));
    page_section_end(page);
    char *text = written(page), *again = written(page);
    assert_in_order(text, parts);
    assert_string_equal(text, again);
    free(text);
    free(again);
    page_free(page);
}

/* The hash of page.js: openssl dgst -sha256 -binary sim/report/page.js | base64 has 44 letters, the last of them "=".
 */
static void hashes_are_base64(void **state)
{
    struct page *page = page_new("x");
    char *text = written(page), *hash = strstr(text, "script-src 'sha256-") + strlen("script-src 'sha256-");

    (void)state;
    assert_int_equal(strspn(hash, "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789+/"), 43);
    assert_memory_equal(hash + 43, "='", 2);
    free(text);
    page_free(page);
}

static void assets_stand_once(void **state)
{
    struct page *page = page_new("x");

    (void)state;
    page_script(page, "metrics.js");
    page_script(page, "metrics.js");
    page_style(page, "page.css");
    page_script(page, "uplot/uPlot.iife.min.js");
    char *text = written(page);
    assert_int_equal(count_of(text, "</script>"), 3);
    assert_int_equal(count_of(text, "Copyright (c) 2022 Leon Sorokin"), 1);
    assert_int_equal(count_of(text, "</style>"), 1);
    free(text);
    page_free(page);
}

/* Neither ends the element that it stands in, and our own have their licence. */
static void assets_are_fit_to_embed(void **state)
{
    (void)state;
    assert_true(asset_count >= 4);
    for (size_t i = 0; i < asset_count; i++) {
        const struct asset *asset = &assets[i];
        assert_null(memmem(asset->bytes, asset->count, "</s", 3));
        assert_null(memmem(asset->bytes, asset->count, "<!--", 4));
        assert_null(memchr(asset->bytes, '\r', asset->count));
        if (strncmp(asset->name, "uplot/", 6) != 0)
            assert_memory_equal(asset->bytes, "/* SPDX-License-Identifier: Apache-2.0\n", 39);
    }
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(parts_stand_in_order),
        cmocka_unit_test(hashes_are_base64),
        cmocka_unit_test(assets_stand_once),
        cmocka_unit_test(assets_are_fit_to_embed),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
