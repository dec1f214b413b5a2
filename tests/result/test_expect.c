/* SPDX-License-Identifier: Apache-2.0
 *
 * Expectations are exact at their limits, for quotients that a double cannot represent, too. Rejected expectations are
 * in broken.cases.
 */
#define _GNU_SOURCE
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <string.h>

#include <cmocka.h>

#include "result/expect.h"

struct row {
    const char *text;
    uint64_t numerator, denominator;
    enum expect_verdict verdict;
    const char *message;
};

static const struct row rows[] = {
    { "m < 1", 99, 100, EXPECT_MET, "" },
    { "m < 1", 1, 1, EXPECT_FAILED, "expectation failed: m < 1, but it is 1" },
    { "m<=1", 1, 1, EXPECT_MET, "" },
    { "m > 1", 1, 1, EXPECT_FAILED, "expectation failed: m > 1, but it is 1" },
    { "m >= 1", 1, 1, EXPECT_MET, "" },
    { "m == 0", 0, 7, EXPECT_MET, "" },
    { "m != 0", 0, 7, EXPECT_FAILED, "expectation failed: m != 0, but it is 0" },
    { "m == 0.1", 1, 10, EXPECT_MET, "" },
    { "m == 0.333333333", 1, 3, EXPECT_FAILED, "expectation failed: m == 0.333333333, but it is 0.333333" },
    { "m > 0.333333333", 1, 3, EXPECT_MET, "" },
    { "m < 0.333333334", 1, 3, EXPECT_MET, "" },
    { "m == 40 +- 5", 45, 1, EXPECT_MET, "" },
    { "m == 40 +- 5", 35, 1, EXPECT_MET, "" },
    { "m == 40 +- 5", 350000001, 10000000, EXPECT_MET, "" },
    { "m == 40 +- 5", 349999999, 10000000, EXPECT_FAILED, "expectation failed: m == 40 +- 5, but it is 35" },
    { "m == 40+-5", 450000001, 10000000, EXPECT_FAILED, "expectation failed: m == 40 +- 5, but it is 45" },
    { "m == 0.5 +- 0.25", 1, 4, EXPECT_MET, "" },
    { "m == 1 +- 5", 0, 1, EXPECT_MET, "" },
    { "m < 18446744073709551615", UINT64_MAX - 1, 1, EXPECT_MET, "" },
    { "m == 18446744073709551615", UINT64_MAX, 1, EXPECT_MET, "" },
    { "m <= 1", UINT64_MAX, UINT64_MAX, EXPECT_MET, "" },
    { "m < 1", 0, 0, EXPECT_NO_OBSERVATION, "expectation failed: m < 1, but there was no observation" },
    { "mm < 1", 1, 1, EXPECT_UNKNOWN_METRIC, "unknown metric 'mm' in 'mm < 1' (did you mean 'm'?)" },
    { "  m\t<  01", 0, 0, EXPECT_MET, NULL },
    { "m < 1.", 0, 0, EXPECT_MET, NULL },
    { "m < -1", 0, 0, EXPECT_MET, NULL },
    { "m == 1 + 2", 0, 0, EXPECT_MET, NULL },
    { "m == 1 +- 2 3", 0, 0, EXPECT_MET, NULL },
    { "m < 99999999999999999999", 0, 0, EXPECT_MET, NULL },
    { "m < 0.0000000001", 0, 0, EXPECT_MET, NULL },
};

static void verdicts_are_exact(void **state)
{
    (void)state;
    for (size_t i = 0; i < sizeof(rows) / sizeof(*rows); i++) {
        struct expectation expectation;
        struct metrics metrics;
        struct diag diag;
        char message[256] = "";
        bool is_good;

        diag_init(&diag);
        metrics_init(&metrics);
        metrics_append(&metrics, "m", rows[i].numerator, rows[i].denominator);
        is_good = expect_parse(&expectation, rows[i].text, (struct place){ 0, 0, 0 }, &diag);
        assert_int_equal(is_good, rows[i].message != NULL);
        assert_int_equal(diag.error_count, rows[i].message == NULL);
        if (is_good) {
            assert_int_equal(expect_evaluate(&expectation, &metrics, message, sizeof(message)), rows[i].verdict);
            assert_string_equal(message, rows[i].message);
            expect_free(&expectation);
        }
        metrics_free(&metrics);
        diag_free(&diag);
    }
}

/* What is said, and of which column. */
static void refusals_have_places(void **state)
{
    static const struct {
        const char *text, *message;
        uint32_t column;
    } refusals[] = {
        { "< 1", "this is not the name of a metric", 1 },
        { "m", "the operator is missing", 2 },
        { "m =< 1", "unknown operator", 3 },
        { "m <", "the number is missing", 4 },
        { "m < x", "this is not a number", 5 },
        { "m < 1.", "this is not a number", 5 },
        { "m < 01", "this is not a number", 5 },
        { "m < 1.2.3", "numbers have no unit here", 8 },
        { "m < .5", "this is not a number", 5 },
        { "m < 18446744073709551616", "this number has too many digits", 5 },
        { "m < 0.1234567890", "this number has too many digits", 5 },
        { "m < 1us", "numbers have no unit here", 6 },
        { "m < 1 us", "unexpected text after the number", 7 },
        { "m < 1 +- 1", "+- can be used with == only", 7 },
        { "m == 1 +- us", "this is not a number", 11 },
        { "m == 1 +- 1 us", "unexpected text after the tolerance", 13 },
    };
    char name[METRIC_NAME_BYTES + 1], text[METRIC_NAME_BYTES + 10];

    (void)state;
    for (size_t i = 0; i < sizeof(refusals) / sizeof(*refusals); i++) {
        struct expectation expectation;
        struct diag diag;

        diag_init(&diag);
        assert_false(expect_parse(&expectation, refusals[i].text, (struct place){ 0, 1, 1 }, &diag));
        assert_int_equal(diag.message_count, 1);
        if (strncmp(diag.messages[0].text, refusals[i].message, strlen(refusals[i].message)) != 0)
            fail_msg("%s: %s", refusals[i].text, diag.messages[0].text);
        if (diag.messages[0].place.column != refusals[i].column)
            fail_msg("%s: column %u", refusals[i].text, diag.messages[0].place.column);
        diag_free(&diag);
    }
    /* The longest name, and one that is too long. */
    memset(name, 'a', sizeof(name));
    for (int bytes = METRIC_NAME_BYTES - 1; bytes <= METRIC_NAME_BYTES; bytes++) {
        struct expectation expectation;
        struct diag diag;

        diag_init(&diag);
        snprintf(text, sizeof(text), "%.*s < 1", bytes, name);
        bool is_good = expect_parse(&expectation, text, (struct place){ 0, 1, 1 }, &diag);
        assert_int_equal(is_good, bytes < METRIC_NAME_BYTES);
        if (is_good)
            expect_free(&expectation);
        diag_free(&diag);
    }
}

static void text_is_normalised(void **state)
{
    struct expectation expectation;
    struct diag diag;

    (void)state;
    diag_init(&diag);
    assert_true(expect_parse(&expectation, "  a.b-c_d==1.50   +-0.5  ", (struct place){ 0, 0, 0 }, &diag));
    assert_string_equal(expectation.text, "a.b-c_d == 1.50 +- 0.5");
    expect_free(&expectation);
    diag_free(&diag);
}

struct name_row {
    const char *metric, *message; /* NULL: the catalogue has it */
};

static const struct name_row names[] = {
    { "irq.lost", NULL },
    { "guests.any.steal.percent", NULL },
    { "guests.any.steal.pct",
      "`irqpath list metrics` has no 'guests.any.steal.pct' (did you mean 'guests.any.steal.percent'?)" },
    { "irq.latncy.p99_ns", "`irqpath list metrics` has no 'irq.latncy.p99_ns' (did you mean 'irq.latency.p99_ns'?)" },
    { "zzz", "`irqpath list metrics` has no 'zzz'" },
};

static void unknown_names_are_warned_of(void **state)
{
    (void)state;
    for (size_t i = 0; i < sizeof(names) / sizeof(*names); i++) {
        struct expectation expectation;
        struct diag diag;
        char text[128];

        diag_init(&diag);
        snprintf(text, sizeof(text), "%s < 1", names[i].metric);
        assert_true(expect_parse(&expectation, text, (struct place){ 0, 0, 0 }, &diag));
        expect_check_name(expectation.metric, expectation.place, &diag);
        assert_int_equal(diag.message_count, names[i].message != NULL);
        assert_int_equal(diag.error_count, 0);
        if (names[i].message)
            assert_string_equal(diag.messages[0].text, names[i].message);
        expect_free(&expectation);
        diag_free(&diag);
    }
}

int main(void)
{
    static const struct CMUnitTest tests[] = {
        cmocka_unit_test(verdicts_are_exact),
        cmocka_unit_test(refusals_have_places),
        cmocka_unit_test(text_is_normalised),
        cmocka_unit_test(unknown_names_are_warned_of),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
