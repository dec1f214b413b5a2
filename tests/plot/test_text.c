/* SPDX-License-Identifier: Apache-2.0
 *
 * Widths of texts, and where lines break.
 */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <cmocka.h>

#include <math.h>
#include <string.h>

#include "plot/text.h"

/* Widths of DejaVu Sans in 1/2048 em, as the font's own table has them; ours are rounded up to 1/128 em. */
static void widths_are_those_of_the_font(void **state)
{
    (void)state;
    static const struct {
        const char *text;
        double units;
    } rows[] = {
        { "", 0 },     { "W", 2025 },           { "i", 569 },
        { " ", 651 },  { "0123456789", 13030 }, { "µ", 1303 },
        { "−", 1716 }, { "Ж", 2206 },           { "domain-tasklet", 15352 },
    };
    for (size_t i = 0; i < sizeof rows / sizeof rows[0]; i++) {
        double width = plot_text_width(rows[i].text, 2048), slack = 16 * (double)strlen(rows[i].text);
        if (width < rows[i].units || width > rows[i].units + slack)
            fail_msg("%s: %g, not %g", rows[i].text, width, rows[i].units);
    }
}

static void lines_break(void **state)
{
    (void)state;
    static const struct {
        const char *text;
        double width; /* in widths of "0" */
        const char *lines[5];
    } rows[] = {
        { "", 5, { "" } },
        { "0000", 5, { "0000" } },
        { "00 00 00", 5.5, { "00 00", "00" } },
        { "00/00/00", 5.5, { "00/00/", "00" } },
        { "0000000", 3, { "000", "000", "0" } },
        { "00", 0, { "0", "0" } },
        { "0 0000 0", 5.5, { "0 0000", "0" } },
        { "0 00000 0", 5.5, { "0", "00000", "0" } },
        { "a\nb\t\xff\u202E\u202C\x7f", 99, { "a?b?????" } },
        { "\xe2\x82", 99, { "??" } },
        { "🦀", 99, { "?" } },
        { "漢字", 99, { "漢字" } },
    };
    for (size_t i = 0; i < sizeof rows / sizeof rows[0]; i++) {
        struct plot_text text = plot_text_break(rows[i].text, 10, rows[i].width * plot_text_width("0", 10) + 0.01);
        double widest = 0;
        size_t count = 0;
        while (count < 5 && rows[i].lines[count] != NULL)
            count++;
        assert_int_equal(text.count, count);
        for (size_t line = 0; line < count; line++) {
            assert_string_equal(text.lines[line], rows[i].lines[line]);
            widest = fmax(widest, plot_text_width(text.lines[line], 10));
        }
        assert_true(text.width == widest);
        plot_text_free(&text);
        assert_null(text.lines);
    }
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(widths_are_those_of_the_font),
        cmocka_unit_test(lines_break),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
