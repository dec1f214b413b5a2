/* SPDX-License-Identifier: Apache-2.0
 *
 * Columns, rows and texts of the table of metrics.
 */
#define _GNU_SOURCE
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

#include <math.h>

#include "report/values.h"
#include "result_samples.h"

static size_t row_of(const struct values *values, const char *metric)
{
    for (size_t row = 0; row < values->row_count; row++)
        if (strcmp(values->metrics[row], metric) == 0)
            return row;
    fail_msg("no row %s", metric);
    return 0;
}

static void add(struct result_set *set, const char *design, uint64_t seed, uint64_t steal, const char *sockets)
{
    struct result result = sample_result(design, seed, steal);

    if (sockets != NULL)
        result_add_axis(&result, "machine.sockets", sockets);
    result_add_axis(&result, "hypervisor.design", design);
    result_set_append(set, &result);
}

static void a_base_is_of_the_same_axes(void **state)
{
    static const struct {
        const char *design, *sockets, *label;
        size_t base;
    } rows[] = {
        { "domain-tasklet", "2", "domain-tasklet, 2", 0 },
        { "domain-tasklet", "8", "domain-tasklet, 8", 1 },
        { "softirq-requeue", "2", "softirq-requeue, 2", 0 },
        { "softirq-requeue", "8", "softirq-requeue, 8", 1 },
    };
    struct result_set set;
    struct compare_groups groups;
    struct values values;

    (void)state;
    result_set_init(&set);
    for (size_t i = 0; i < 4; i++)
        add(&set, rows[i].design, 1, 1000 * i, rows[i].sockets);
    compare_groups_make(&groups, &set);
    values_make(&values, &groups, 1);
    assert_int_equal(values.column_count, 4);
    for (size_t i = 0; i < 4; i++) {
        assert_string_equal(values.columns[i].label, rows[i].label);
        assert_int_equal(values.columns[i].base, rows[i].base);
        const struct value *value = values_at(&values, row_of(&values, "guests.idle.steal.percent"), i);
        assert_true((rows[i].base == i) == (value->change[0] == '\0'));
        assert_true((values.columns[i].answer != NULL) == (i < 2));
    }
    values_free(&values);
    compare_groups_free(&groups);
    result_set_free(&set);
}

static void seeds_give_means_and_verdicts(void **state)
{
    struct result_set set;
    struct compare_groups groups;
    struct values values;
    char text[VALUES_TEXT_BYTES];

    (void)state;
    result_set_init(&set);
    for (uint64_t seed = 1; seed <= 5; seed++) {
        add(&set, "domain-tasklet", seed, 4000, NULL);
        add(&set, "softirq-requeue", seed, 10, NULL);
    }
    compare_groups_make(&groups, &set);
    values_make(&values, &groups, 1);
    size_t row = row_of(&values, "guests.idle.steal.percent");
    value_text(values_at(&values, row, 0), "%", text);
    assert_string_equal(text, "40.03 ±0.02 %");
    value_exact(values_at(&values, row, 0), text);
    assert_string_equal(text, "40.03");
    assert_string_equal(values_at(&values, row, 1)->change, "-99.68 ±0.00 %");
    assert_string_equal(values_at(&values, row, 1)->verdict_text, "better");
    assert_true(values_at(&values, row, 1)->sure_size > 0.99);
    assert_true(values_at(&values, row, 0)->sure_size < 0);
    assert_non_null(strstr(values.columns[0].answer, "softirq-requeue is better"));
    values_free(&values);
    compare_groups_free(&groups);
    result_set_free(&set);
}

static void texts_name_the_unit(void **state)
{
    static const struct metric large = { "x", ((uint64_t)1 << 60) + 1, 1 }, quotient = { "x", 1, 3 };
    static const struct {
        struct value value;
        const char *unit, *text, *exact;
    } rows[] = {
        { { .is_reported = true, .mean.value = 35.7, .only = &quotient }, "%", "35.70 %", "0.333333333333333" },
        { { .is_reported = true, .mean.value = 1.152921504606847e18, .only = &large },
          "count",
          "1152921.5T",
          "\"1152921504606846977\"" },
        { { .is_reported = true, .mean.value = 2410 }, "ns", "2.410 us", "2410.0" },
        { { .is_reported = true, .mean.value = 12 }, "1/s", "12/s", "12.0" },
        { { .is_reported = true, .mean.value = NAN }, "%", "-", "null" },
        { { .mean.value = NAN }, "%", "", "null" },
    };

    (void)state;
    for (size_t i = 0; i < sizeof rows / sizeof rows[0]; i++) {
        char text[VALUES_TEXT_BYTES];
        value_text(&rows[i].value, rows[i].unit, text);
        assert_string_equal(text, rows[i].text);
        value_exact(&rows[i].value, text);
        assert_string_equal(text, rows[i].exact);
    }
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(a_base_is_of_the_same_axes),
        cmocka_unit_test(seeds_give_means_and_verdicts),
        cmocka_unit_test(texts_name_the_unit),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
