/* SPDX-License-Identifier: Apache-2.0
 *
 * The metrics that a reader sees first.
 */
#define _GNU_SOURCE
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

#include "report/digest.h"
#include "report/resolved.h"
#include "report/values.h"
#include "result_samples.h"

static void make(struct result_set *set, struct compare_groups *groups, struct values *values, const char *resolved)
{
    result_set_init(set);
    for (uint64_t seed = 1; seed <= 6; seed++) {
        struct result result = sample_result(seed <= 3 ? "domain-tasklet" : "softirq-requeue", (seed - 1) % 3 + 1,
                                             seed <= 3 ? 4000 : 1000);
        if (resolved != NULL) {
            free(result.resolved);
            result.resolved = strdup(resolved);
        }
        result_set_append(set, &result);
    }
    compare_groups_make(groups, set);
    values_make(values, groups, 1);
}

static void release(struct result_set *set, struct compare_groups *groups, struct values *values)
{
    values_free(values);
    compare_groups_free(groups);
    result_set_free(set);
}

static void the_usual_metrics_are_the_headline(void **state)
{
    struct result_set set;
    struct compare_groups groups;
    struct values values;
    size_t rows[8], changes[8];

    (void)state;
    make(&set, &groups, &values, NULL);
    size_t count = digest_headline(&values, rows, 8);
    assert_true(count > 0);
    assert_string_equal(values.metrics[rows[0]], "guests.idle.steal.percent");
    size_t change_count = digest_changes(&values, rows, count, changes, 8);
    assert_true(change_count > 0);
    for (size_t i = 0; i < change_count; i++)
        for (size_t at = 0; at < count; at++)
            assert_true(changes[i] != rows[at]);
    assert_string_equal(values.metrics[changes[0]], "guests.idle.runnable.percent");
    release(&set, &groups, &values);
}

static void a_scenario_names_its_headline(void **state)
{
    struct result_set set;
    struct compare_groups groups;
    struct values values;
    size_t rows[8];

    (void)state;
    make(&set, &groups, &values,
         "name: sample\nheadline:\n  - guests.idle.blocked.percent\n  - guests.idle.running.percent\n  - none\n");
    assert_int_equal(digest_headline(&values, rows, 8), 2);
    assert_string_equal(values.metrics[rows[0]], "guests.idle.blocked.percent");
    assert_string_equal(values.metrics[rows[1]], "guests.idle.running.percent");
    release(&set, &groups, &values);
}

static void resolved_scenarios_are_read(void **state)
{
    static const struct {
        const char *text;
        size_t expectations;
    } rows[] = {
        { "", 0 },
        { "name: x\n", 0 },
        { "expect:\n  - \"irq.lost == 0\"\n  - irq.pending < 3\n", 2 },
        { "expect: clean\n", 0 },
        { "expect: []\n", 0 },
        { "expect: {a: b}\n", 0 },
        { "\t: [ no YAML", 0 },
    };

    (void)state;
    for (size_t i = 0; i < sizeof rows / sizeof rows[0]; i++) {
        struct resolved resolved;
        resolved_read(&resolved, rows[i].text);
        assert_int_equal(resolved.expectation_count, rows[i].expectations);
        resolved_free(&resolved);
    }
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(the_usual_metrics_are_the_headline),
        cmocka_unit_test(a_scenario_names_its_headline),
        cmocka_unit_test(resolved_scenarios_are_read),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
