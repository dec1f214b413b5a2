/* SPDX-License-Identifier: Apache-2.0
 *
 * Exact arithmetic: results in lowest terms, division by 0, overflow, comparison of large terms, reading of numbers.
 */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <cmocka.h>

#include <math.h>
#include <string.h>

#include "experiment/quotient.h"

static struct quotient q(int64_t numerator, int64_t denominator) { return quotient_from(numerator, denominator); }

static void check(struct quotient value, int64_t numerator, int64_t denominator)
{
    assert_int_equal(value.state, QUOTIENT_KNOWN);
    assert_true(value.numerator == numerator && value.denominator == denominator);
}

static void sums_and_products_are_exact(void **state)
{
    (void)state;
    check(q(6, -4), -3, 2);
    check(quotient_add(q(1, 3), q(1, 6)), 1, 2);
    check(quotient_subtract(q(1, 3), q(1, 3)), 0, 1);
    check(quotient_multiply(q(2, 3), q(9, 4)), 3, 2);
    check(quotient_divide(q(2, 3), q(-4, 9)), -3, 2);
    /* Terms that are common are divided out before they are multiplied. */
    check(quotient_multiply(q(INT64_MAX, 3), quotient_multiply(q(3, INT64_MAX), q(INT64_MAX, 11))), INT64_MAX, 11);
}

static void what_is_not_known_stays_so(void **state)
{
    struct quotient absent = { .state = QUOTIENT_ABSENT }, huge = q(INT64_MAX, 1), large;

    (void)state;
    assert_int_equal(quotient_divide(q(1, 2), q(0, 5)).state, QUOTIENT_NOTHING);
    assert_int_equal(q(1, 0).state, QUOTIENT_NOTHING);
    assert_int_equal(quotient_add(absent, q(1, 0)).state, QUOTIENT_ABSENT);
    large = quotient_multiply(huge, huge);
    assert_int_equal(large.state, QUOTIENT_KNOWN);
    assert_int_equal(quotient_multiply(large, huge).state, QUOTIENT_TOO_LONG);
    assert_int_equal(quotient_add(quotient_divide(q(1, 1), large), q(1, INT64_MAX - 1)).state, QUOTIENT_TOO_LONG);
    assert_true(isnan(quotient_value(absent)));
}

static void comparison_needs_no_products(void **state)
{
    struct quotient large = quotient_multiply(q(INT64_MAX, 1), q(INT64_MAX, 1));
    struct quotient a = quotient_divide(large, q(3, 1)), b = quotient_divide(quotient_add(large, q(1, 1)), q(3, 1));

    (void)state;
    assert_int_equal(quotient_compare(a, b), -1);
    assert_int_equal(quotient_compare(b, a), 1);
    assert_int_equal(quotient_compare(a, a), 0);
    assert_int_equal(quotient_compare(q(-1, 2), q(1, 3)), -1);
    assert_int_equal(quotient_compare(q(-1, 2), q(-1, 3)), -1);
    assert_int_equal(quotient_compare(q(0, 1), q(-1, 3)), 1);
    assert_int_equal(quotient_compare(q(1, 2), q(1, 3)), 1);
    assert_int_equal(quotient_compare(q(7, 2), q(10, 3)), 1);
}

static void numbers_are_read(void **state)
{
    static const struct {
        const char *text;
        size_t bytes;
        int64_t numerator, denominator;
    } cases[] = {
        { "2.50", 4, 5, 2 },
        { "-3", 2, -3, 1 },
        { "1.5e-05", 7, 3, 200000 },
        { "1e9", 3, 1000000000, 1 },
        { "7cy", 1, 7, 1 },
        { "5.", 1, 5, 1 },
        { "0", 1, 0, 1 },
        { "3e", 1, 3, 1 },
        { "abc", 0, 0, 0 },
        { "-", 0, 0, 0 },
        { "", 0, 0, 0 },
        { ".5", 0, 0, 0 },
    };
    struct quotient value;

    (void)state;
    for (size_t i = 0; i < sizeof cases / sizeof cases[0]; i++) {
        assert_int_equal(quotient_read(cases[i].text, &value), cases[i].bytes);
        if (cases[i].bytes > 0)
            check(value, cases[i].numerator, cases[i].denominator);
    }
    assert_int_equal(quotient_read("99999999999999999999999999999999999999999999", &value), 0);
    assert_int_equal(quotient_read("1e999", &value), 0);
}

static void labels_are_numbers_with_units(void **state)
{
    static const struct {
        const char *text;
        int64_t numerator, denominator; /* 0: no number */
    } cases[] = {
        { "10us", 1, 100000 }, { "1.5kHz", 1500, 1 }, { "64", 64, 1 },    { "300cy", 300, 1 }, { "4KiB", 4096, 1 },
        { "tickless", 0, 1 },  { "on", 1, 1 },        { "off", 0, 1 },    { "ttas", 0, 0 },    { "3 ms", 0, 0 },
        { "12parsec", 0, 0 },  { "", 0, 0 },          { "200mHz", 1, 5 },
    };
    struct quotient value;

    (void)state;
    for (size_t i = 0; i < sizeof cases / sizeof cases[0]; i++) {
        assert_int_equal(quotient_from_label(cases[i].text, &value), cases[i].denominator != 0);
        if (cases[i].denominator != 0)
            check(value, cases[i].numerator, cases[i].denominator);
    }
}

static void units_have_a_base(void **state)
{
    static const struct {
        const char *label, *unit;
    } cases[] = { { "10us", "s" },       { "0s", "s" }, { "1kHz", "Hz" }, { "4KiB", "B" },
                  { "300cy", "cycles" }, { "64", "" },  { "on", "" } };

    (void)state;
    for (size_t i = 0; i < sizeof cases / sizeof cases[0]; i++)
        assert_string_equal(quotient_label_unit(cases[i].label), cases[i].unit);
    assert_null(quotient_label_unit("ttas"));
}

static void text_is_exact_for_integers(void **state)
{
    char text[48];

    (void)state;
    assert_string_equal(quotient_text(q(123456789012345678, 1), text), "123456789012345678");
    assert_string_equal(quotient_text(q(1, 3), text), "0.333333333");
    assert_string_equal(quotient_text(q(1, 0), text), "");
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(sums_and_products_are_exact),
        cmocka_unit_test(what_is_not_known_stays_so),
        cmocka_unit_test(comparison_needs_no_products),
        cmocka_unit_test(numbers_are_read),
        cmocka_unit_test(labels_are_numbers_with_units),
        cmocka_unit_test(text_is_exact_for_integers),
        cmocka_unit_test(units_have_a_base),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
