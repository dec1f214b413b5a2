/* SPDX-License-Identifier: Apache-2.0
 *
 * Alignment in characters, and Markdown with cells that contain bars.
 */
#define _GNU_SOURCE
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <cmocka.h>

#include <stdio.h>
#include <stdlib.h>

#include "result/table.h"

static struct table sample(void)
{
    static const char *const cells[] = {
        "name", "cost ±", "v", "naïve", "1.5 ±0.2", "\033[32mok\033[0m", "a|b", "-", ""
    };
    struct table table;
    table_init(&table, 3, 1);
    for (size_t i = 0; i < sizeof cells / sizeof cells[0]; i++)
        table_cell(&table, "%s", cells[i]);
    return table;
}

static void columns_are_aligned(void **state)
{
    (void)state;
    struct table table = sample();
    char *text;
    size_t bytes;
    FILE *out = open_memstream(&text, &bytes);
    table_print(&table, out, 1, false);
    fclose(out);
    assert_string_equal(text, " name     cost ±   v\n"
                              " naïve  1.5 ±0.2  \033[32mok\033[0m\n"
                              " a|b           -\n");
    free(text);
    table_free(&table);
}

static char *printed(const struct table *table)
{
    char *text;
    size_t bytes;
    FILE *out = open_memstream(&text, &bytes);
    table_print(table, out, 0, false);
    fclose(out);
    return text;
}

static void the_last_column_may_be_left_aligned(void **state)
{
    (void)state;
    struct table table = sample();
    table.is_last_left = true;
    char *text = printed(&table);
    assert_string_equal(text, "name     cost ±  v\n"
                              "naïve  1.5 ±0.2  \033[32mok\033[0m\n"
                              "a|b           -\n");
    free(text);
    table_free(&table);
}

/* Characters count, not bytes; the middle goes. */
static void columns_are_shortened(void **state)
{
    (void)state;
    static const struct {
        size_t width;
        const char *text;
    } rows[] = {
        { 1, "…" }, { 2, "…ω" }, { 4, "α…ψω" }, { 5, "αβ…ψω" }, { 10, "αβγδεσφχψω" },
    };
    for (size_t i = 0; i < sizeof rows / sizeof rows[0]; i++) {
        struct table table;
        table_init(&table, 2, 1);
        table_cell(&table, "αβγδεσφχψω");
        table_cell(&table, "x");
        table_shorten(&table, 0, rows[i].width);
        assert_string_equal(table.cells[0], rows[i].text);
        assert_int_equal(table_column_width(&table, 0), rows[i].width);
        assert_int_equal(table_width(&table), rows[i].width + 3);
        table_free(&table);
    }
}

static void headings_are_bold_where_colours_are(void **state)
{
    (void)state;
    struct table table;
    char *text;
    size_t bytes;
    FILE *out = open_memstream(&text, &bytes);
    table_init(&table, 1, 1);
    table_cell(&table, "h");
    table_cell(&table, "%d", 7);
    table_print(&table, out, 0, true);
    fclose(out);
    assert_string_equal(text, "\033[1mh\033[0m\n7\n");
    free(text);
    table_free(&table);
}

static void markdown_escapes_bars(void **state)
{
    (void)state;
    struct table table = sample();
    char *text;
    size_t bytes;
    FILE *out = open_memstream(&text, &bytes);
    table_print_markdown(&table, out);
    fclose(out);
    assert_string_equal(text, "| name | cost ± | v |\n|:--|--:|--:|\n"
                              "| naïve | 1.5 ±0.2 | \033[32mok\033[0m |\n"
                              "| a\\|b | - |  |\n");
    free(text);
    table_free(&table);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(columns_are_aligned),   cmocka_unit_test(the_last_column_may_be_left_aligned),
        cmocka_unit_test(columns_are_shortened), cmocka_unit_test(headings_are_bold_where_colours_are),
        cmocka_unit_test(markdown_escapes_bars),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
