/* SPDX-License-Identifier: Apache-2.0
 *
 * Values with units: parsing, formatting, and the messages for values that are rejected.
 */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <string.h>

#include <cmocka.h>

#include "base/option.h"

enum colour { RED, GREEN = 7 };

struct record {
    uint64_t duration, rate;
    uint64_t costs[3];
    uint32_t count, index;
    enum colour colour;
    bool is_on;
    char text[8];
};

static const struct option_name colours[] = { { "red", RED, NULL }, { "green", GREEN, NULL }, { NULL, 0, NULL } };

#define FIELD(member) offsetof(struct record, member), sizeof(((struct record *)0)->member)

static const struct option rows[] = {
    { "duration", OPTION_DURATION, FIELD(duration), 1, "1ms", 1000, 2000000000, NULL, NULL, "a duration" },
    { "rate", OPTION_RATE, FIELD(rate), 1, "tickless", 1, 0, "tickless", NULL, "a rate" },
    { "costs", OPTION_CYCLES, offsetof(struct record, costs), 8, 3, NULL, 0, 1000, NULL, NULL, "costs" },
    { "count", OPTION_INTEGER, FIELD(count), 1, "1", 0, 0, NULL, NULL, "a count" },
    { "colour", OPTION_ENUM, FIELD(colour), 1, "red", 0, 0, NULL, colours, "a colour" },
    { "on", OPTION_BOOL, FIELD(is_on), 1, "off", 0, 0, NULL, NULL, "a switch" },
    { "text", OPTION_TEXT, FIELD(text), 1, NULL, 1, 0, NULL, NULL, "a text" },
    { "checked", OPTION_ENUM, 0, 0, 1, "red", 0, 0, NULL, colours, "checked, not stored" },
    { "index", OPTION_INDEX, FIELD(index), 1, "any", 0, 127, "any", NULL, "a number, or any" },
};

static const struct option_table table = { rows, sizeof(rows) / sizeof(*rows) };

struct number {
    enum option_type type;
    const char *text;
    uint64_t value;
    const char *canonical;
};

static const struct number numbers[] = {
    { OPTION_DURATION, "30ms", 30000000, "30ms" },
    { OPTION_DURATION, "0.5us", 500, "500ns" },
    { OPTION_DURATION, "1.500s", 1500000000, "1500ms" },
    { OPTION_DURATION, "0s", 0, "0ns" },
    { OPTION_DURATION, "18446744073.709551615s", UINT64_MAX, "18446744073709551615ns" },
    { OPTION_RATE, "20kHz", 20000000, "20kHz" },
    { OPTION_RATE, "0.25Hz", 250, "250mHz" },
    { OPTION_RATE, "5mHz", 5, "5mHz" },
    { OPTION_FREQUENCY, "2.13GHz", 2130000000, "2130MHz" },
    { OPTION_FREQUENCY, "2GHz", 2000000000, "2GHz" },
    { OPTION_CYCLES, "120cy", 120, "120cy" },
    { OPTION_SIZE, "1.5KiB", 1536, "1536B" },
    { OPTION_SIZE, "2GiB", 2147483648, "2GiB" },
    { OPTION_INTEGER, "0", 0, "0" },
    { OPTION_INTEGER, "18446744073709551615", UINT64_MAX, "18446744073709551615" },
};

static void numbers_are_exact(void **state)
{
    (void)state;
    for (size_t i = 0; i < sizeof(numbers) / sizeof(*numbers); i++) {
        struct option_problem problem;
        uint64_t value = 0, again = 1;
        char text[64];

        assert_true(option_parse_number(numbers[i].type, numbers[i].text, &value, &problem));
        assert_true(value == numbers[i].value);
        option_format_number(numbers[i].type, value, text, sizeof(text));
        assert_string_equal(text, numbers[i].canonical);
        assert_true(option_parse_number(numbers[i].type, text, &again, &problem));
        assert_true(again == value);
    }
}

struct refusal {
    const char *key, *text, *message;
};

static const struct refusal refusals[] = {
    { "duration", "8", "'8' has no unit: expected a duration (ns, us, ms, s)" },
    { "duration", "0", "'0' has no unit: expected a duration (ns, us, ms, s)" },
    { "duration", "", "empty value: expected a duration (ns, us, ms, s)" },
    { "duration", "8mS", "unknown unit 'mS' in '8mS': expected a duration (ns, us, ms, s) (did you mean 'ms'?)" },
    { "duration", "8 ms", "'8 ms' has a space between number and unit" },
    { "duration", "8msx", "unknown unit 'msx' in '8msx': expected a duration (ns, us, ms, s) (did you mean 'ms'?)" },
    { "duration", "-8ms", "'-8ms' is negative: expected a duration (ns, us, ms, s)" },
    { "duration", "08ms", "'08ms' has a leading 0: expected a duration (ns, us, ms, s)" },
    { "duration", "1e3ns", "'1e3ns' has an exponent: expected a duration (ns, us, ms, s)" },
    { "duration", "1.ms", "'1.ms' is not a number: expected a duration (ns, us, ms, s)" },
    { "duration", "ms", "'ms' is not a number: expected a duration (ns, us, ms, s)" },
    { "duration", " 1ms", "' 1ms' is not a number: expected a duration (ns, us, ms, s)" },
    { "duration", "1.0000000001s", "'1.0000000001s' has too many digits" },
    { "duration", "1.0000001ms", "'1.0000001ms' is not a multiple of 1ns" },
    { "duration", "18446744074s", "'18446744074s' is too large" },
    { "duration", "999ns", "'999ns' is below the minimum 1us" },
    { "duration", "2.1s", "'2.1s' is above the maximum 2s" },
    { "rate", "0Hz", "'0Hz' is below the minimum 1mHz" },
    { "rate", "ticklest", "'ticklest' is not a number: expected a rate (mHz, Hz, kHz, MHz)" },
    { "costs", "5", "'5' has no unit: expected a number of cycles (cy)" },
    { "costs", "1001cy", "'1001cy' is above the maximum 1000cy" },
    { "costs", "1.5cy", "'1.5cy' is not a multiple of 1cy" },
    { "count", "8ms", "'8ms' is not an integer" },
    { "count", "0.5x", "'0.5x' is not an integer" },
    { "count", "010", "'010' has a leading 0: expected an integer" },
    { "count", "1e3", "'1e3' has an exponent: expected an integer" },
    { "count", "-1", "'-1' is negative: expected an integer" },
    { "count", "", "empty value: expected an integer" },
    { "count", "1.5", "'1.5' is not an integer" },
    { "count", "4294967296", "'4294967296' is above the maximum 4294967295" },
    { "index", "128", "'128' is above the maximum 127" },
    { "index", "none", "'none' is not a number: expected an integer" },
    { "index", "", "empty value: expected an integer or any" },
    { "colour", "gren", "unknown colour 'gren': expected one of red, green (did you mean 'green'?)" },
    { "colour", "", "empty value: expected one of red, green" },
    { "on", "yes", "'yes' is not a switch: expected on or off" },
    { "on", "ON", "'ON' is not a switch: expected on or off" },
    { "text", "", "empty value: expected text" },
    { "text", "12345678", "'12345678...' is 8 bytes long, at most 7 are allowed" },
    { "checked", "blue", "unknown checked 'blue': expected one of red, green" },
};

static void refusals_say_why(void **state)
{
    (void)state;
    for (size_t i = 0; i < sizeof(refusals) / sizeof(*refusals); i++) {
        struct record record, before;
        struct option_problem problem;
        char text[900];

        memset(&record, 0x5A, sizeof(record));
        before = record;
        assert_false(option_parse(option_find(&table, refusals[i].key), refusals[i].text, &record, 0, &problem));
        snprintf(text, sizeof(text), "%s%s", problem.message, problem.suggestion);
        assert_string_equal(text, refusals[i].message);
        assert_memory_equal(&record, &before, sizeof(record));
    }
}

static void rows_fill_their_fields(void **state)
{
    struct record record;
    struct option_problem problem;
    char text[32];

    (void)state;
    memset(&record, 0, sizeof(record));
    assert_true(option_parse(&rows[0], "1.5ms", &record, 0, &problem));
    assert_true(option_parse(&rows[1], "tickless", &record, 0, &problem));
    assert_true(option_parse(&rows[2], "7cy", &record, 2, &problem));
    assert_true(option_parse(&rows[3], "4294967295", &record, 0, &problem));
    assert_true(option_parse(&rows[4], "green", &record, 0, &problem));
    assert_true(option_parse(&rows[5], "true", &record, 0, &problem));
    assert_true(option_parse(&rows[6], "1234567", &record, 0, &problem));
    assert_true(option_parse(&rows[7], "green", &record, 0, &problem));
    assert_true(record.duration == 1500000 && record.rate == 0 && record.costs[2] == 7 && record.costs[1] == 0);
    assert_true(record.count == UINT32_MAX && record.colour == GREEN && record.is_on);
    assert_string_equal(record.text, "1234567");
    option_format(&rows[1], &record, 0, text, sizeof(text));
    assert_string_equal(text, "tickless");
    option_format(&rows[2], &record, 2, text, sizeof(text));
    assert_string_equal(text, "7cy");
    option_format(&rows[4], &record, 0, text, sizeof(text));
    assert_string_equal(text, "green");
    option_format(&rows[5], &record, 0, text, sizeof(text));
    assert_string_equal(text, "on");
    option_format(&rows[7], &record, 0, text, sizeof(text));
    assert_string_equal(text, "red");
    assert_null(option_find(&table, "dur"));
}

/* 0 and none of them are two values. */
static void an_index_is_one_or_none_of_them(void **state)
{
    static const struct {
        const char *text;
        uint32_t stored;
    } indexes[] = { { "any", 0 }, { "0", 1 }, { "127", 128 } };

    (void)state;
    for (size_t i = 0; i < sizeof(indexes) / sizeof(*indexes); i++) {
        struct record record = { .index = 77 };
        struct option_problem problem;
        char text[32];
        assert_true(option_parse(&rows[8], indexes[i].text, &record, 0, &problem));
        assert_int_equal(record.index, indexes[i].stored);
        option_format(&rows[8], &record, 0, text, sizeof(text));
        assert_string_equal(text, indexes[i].text);
    }
}

static void expected_names_the_words(void **state)
{
    char text[100];

    (void)state;
    assert_string_equal(option_expected(&rows[1], text, sizeof(text)), "a rate (mHz, Hz, kHz, MHz) or tickless");
    assert_string_equal(option_expected(&rows[4], text, sizeof(text)), "one of red, green");
    assert_string_equal(option_expected(&rows[4], text, 8), "one of ");
}

int main(void)
{
    static const struct CMUnitTest tests[] = {
        cmocka_unit_test(numbers_are_exact),        cmocka_unit_test(refusals_say_why),
        cmocka_unit_test(rows_fill_their_fields),   cmocka_unit_test(an_index_is_one_or_none_of_them),
        cmocka_unit_test(expected_names_the_words),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
