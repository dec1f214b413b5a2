/* SPDX-License-Identifier: Apache-2.0
 *
 * Interned pairs have the numbers of their first coming, whatever else has come since.
 */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

#include <stdio.h>

#include "base/intern.h"

static void pairs_have_numbers(void **state)
{
    static const struct {
        uint64_t key;
        const char *text;
        uint32_t number;
    } rows[] = {
        { 0, "", 0 },           { 0, "a", 1 }, { 1, "a", 2 }, { 0, "b", 3 },          { 0, "a", 1 },  { 1, "", 4 },
        { UINT64_MAX, "a", 5 }, { 0, "", 0 },  { 1, "", 4 },  { UINT64_MAX, "a", 5 }, { 0, "ab", 6 },
    };
    struct intern intern = { .count = 0 };
    uint32_t number;

    (void)state;
    assert_false(intern_find(&intern, 0, "", &number));
    for (size_t i = 0; i < sizeof rows / sizeof rows[0]; i++) {
        assert_int_equal(intern_number(&intern, rows[i].key, rows[i].text), rows[i].number);
        assert_true(intern_find(&intern, rows[i].key, rows[i].text, &number));
        assert_int_equal(number, rows[i].number);
        assert_int_equal(intern.rows[number].key, rows[i].key);
        assert_string_equal(intern.rows[number].text, rows[i].text);
    }
    assert_int_equal(intern.count, 7);
    assert_false(intern_find(&intern, 2, "a", &number));
    assert_false(intern_find(&intern, 0, "c", &number));
    intern_free(&intern);
    assert_int_equal(intern.count, 0);
    assert_false(intern_find(&intern, 0, "a", &number));
}

/* Keys that differ in their upper or lower half alone, with texts and without. */
static void many_pairs_are_told_apart(void **state)
{
    struct intern intern = { .count = 0 };
    uint32_t expected = 0, number;
    char text[16];

    (void)state;
    for (int round = 0; round < 2; round++, expected = 0)
        for (uint64_t i = 0; i < 3000; i++) {
            (void)snprintf(text, sizeof text, "%u", (unsigned)i);
            assert_int_equal(intern_number(&intern, i, ""), expected++);
            assert_int_equal(intern_number(&intern, (i + 1) << 32, ""), expected++);
            assert_int_equal(intern_number(&intern, 7, text), expected++);
        }
    assert_int_equal(intern.count, 9000);
    assert_false(intern_find(&intern, 3000, "", &number));
    intern_free(&intern);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(pairs_have_numbers),
        cmocka_unit_test(many_pairs_are_told_apart),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
