/* SPDX-License-Identifier: Apache-2.0
 *
 * Messages are printed in order of their places, each once, with the source line and the caret in the right column.
 */
#define _GNU_SOURCE
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h>

#include "base/diag.h"

#define TEXT_BYTES 8192

static void print(struct diag *diag, bool use_colour, char text[TEXT_BYTES])
{
    FILE *stream = fmemopen(text, TEXT_BYTES, "w");

    assert_non_null(stream);
    diag_print(diag, stream, use_colour);
    fclose(stream);
}

static void assert_printed(struct diag *diag, const char *expected)
{
    char text[TEXT_BYTES];

    print(diag, false, text);
    assert_string_equal(text, expected);
}

static void messages_are_sorted(void **state)
{
    static const char text[] = "first\nsecond line\n";
    struct diag diag;
    uint32_t source;

    (void)state;
    diag_init(&diag);
    source = diag_source_file(&diag, "a.yaml", text, strlen(text));
    diag_error(&diag, (struct place){ source, 2, 8 }, "later %d", 1);
    diag_warning(&diag, (struct place){ source, 1, 1 }, "early");
    diag_error(&diag, (struct place){ source, 2, 1 }, "between");
    diag_error(&diag, (struct place){ source, 2, 1 }, "between too");
    diag_error(&diag, (struct place){ 0, 0, 0 }, "nowhere");
    assert_int_equal(diag.error_count, 4);
    assert_printed(&diag, "error: nowhere\n"
                          "a.yaml:1:1: warning: early\n    first\n    ^\n"
                          "a.yaml:2:1: error: between\n    second line\n    ^\n"
                          "a.yaml:2:1: error: between too\n    second line\n    ^\n"
                          "a.yaml:2:8: error: later 1\n    second line\n           ^\n");
    diag_free(&diag);
}

static void same_message_counts_once(void **state)
{
    struct diag diag;
    uint32_t source;

    (void)state;
    diag_init(&diag);
    source = diag_source_file(&diag, "a", "x", 1);
    assert_int_equal(diag_source_file(&diag, "a", "x", 1), source);
    assert_int_not_equal(diag_source_file(&diag, "a", "y", 1), source);
    for (int i = 0; i < 3; i++)
        diag_error(&diag, (struct place){ source, 1, 1 }, "again");
    assert_int_equal(diag.error_count, 1);
    assert_printed(&diag, "a:1:1: error: again\n    x\n    ^\n");
    diag_free(&diag);
}

struct caret {
    const char *text;
    struct place place;
    const char *expected; /* behind the first line */
};

static const struct caret carets[] = {
    { "\tkey: 1\n", { 1, 1, 2 }, "    \tkey: 1\n    \t^\n" },
    { "\xC3\xA4\xC3\xB6: 1\n", { 1, 1, 3 }, "    \xC3\xA4\xC3\xB6: 1\n      ^\n" },
    { "a\r\nb\r\n", { 1, 2, 1 }, "    b\n    ^\n" },
    { "no end", { 1, 1, 4 }, "    no end\n       ^\n" },
    { "x\n", { 1, 7, 1 }, "" },
    { "x\n", { 1, 1, 99 }, "    x\n     ^\n" },
    { "a\x1B[31mb\n", { 1, 1, 1 }, "    a?[31mb\n    ^\n" },
    { "", { 1, 1, 1 }, "" },
};

static void caret_is_below_its_character(void **state)
{
    (void)state;
    for (size_t i = 0; i < sizeof(carets) / sizeof(*carets); i++) {
        struct diag diag;
        char text[TEXT_BYTES];

        diag_init(&diag);
        diag_source_file(&diag, "a", carets[i].text, strlen(carets[i].text));
        diag_error(&diag, carets[i].place, "m");
        print(&diag, false, text);
        assert_string_equal(strchr(text, '\n') + 1, carets[i].expected);
        diag_free(&diag);
    }
}

static void long_line_is_cut_around_the_caret(void **state)
{
    char line[2000], text[TEXT_BYTES], *caret;
    struct diag diag;
    size_t column;

    (void)state;
    memset(line, 'x', sizeof(line));
    line[1499] = 'Y';
    diag_init(&diag);
    diag_source_file(&diag, "a", line, sizeof(line));
    diag_error(&diag, (struct place){ 1, 1, 1500 }, "m");
    print(&diag, false, text);
    caret = strrchr(text, '^');
    column = (size_t)(caret - (strrchr(text, 'x') + 2));
    assert_true(strlen(text) < 500);
    assert_int_equal((strchr(text, '\n') + 1)[column], 'Y');
    diag_free(&diag);
}

static void arguments_are_lines(void **state)
{
    static const char *const sets[] = { "a=1", "b\nc=2" };
    struct diag diag;
    uint32_t source;

    (void)state;
    diag_init(&diag);
    source = diag_source_arguments(&diag, "--set", sets, 2);
    diag_error(&diag, (struct place){ source, 2, 5 }, "m");
    diag_error(&diag, (struct place){ source, 0, 0 }, "whole");
    assert_printed(&diag, "--set: error: whole\n--set 2:5: error: m\n    b c=2\n        ^\n");
    diag_free(&diag);
}

static void twenty_are_printed(void **state)
{
    struct diag diag;
    char text[TEXT_BYTES];

    (void)state;
    diag_init(&diag);
    for (uint32_t i = 0; i < 1500; i++)
        diag_error(&diag, (struct place){ 0, 0, 0 }, "error %u", i);
    assert_int_equal(diag.error_count, 1500);
    print(&diag, false, text);
    assert_non_null(strstr(text, "error: error 19\nand 1480 more errors\n"));
    assert_null(strstr(text, "error 20\n"));
    assert_null(strstr(text, "warnings"));
    diag_free(&diag);
    diag_init(&diag);
    for (uint32_t i = 0; i < 20; i++)
        diag_error(&diag, (struct place){ 0, 0, 0 }, "error %u", i);
    for (uint32_t i = 0; i < 22; i++)
        diag_warning(&diag, (struct place){ 0, 0, 0 }, "warning %u", i);
    print(&diag, false, text);
    assert_non_null(strstr(text, "error: error 19\n"));
    assert_null(strstr(text, "more errors"));
    assert_non_null(strstr(text, "warning: warning 19\nand 2 more warnings\n"));
    assert_null(strstr(text, "warning 20\n"));
    diag_free(&diag);
}

static void colour_only_when_asked(void **state)
{
    struct diag diag;
    char text[TEXT_BYTES];

    (void)state;
    diag_init(&diag);
    diag_error(&diag, (struct place){ 0, 0, 0 }, "m\033[2J");
    print(&diag, true, text);
    assert_string_equal(text, "\033[1;31merror:\033[0m m?[2J\n");
    assert_printed(&diag, "error: m?[2J\n");
    diag_free(&diag);
}

int main(void)
{
    static const struct CMUnitTest tests[] = {
        cmocka_unit_test(messages_are_sorted),          cmocka_unit_test(same_message_counts_once),
        cmocka_unit_test(caret_is_below_its_character), cmocka_unit_test(long_line_is_cut_around_the_caret),
        cmocka_unit_test(arguments_are_lines),          cmocka_unit_test(twenty_are_printed),
        cmocka_unit_test(colour_only_when_asked),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
