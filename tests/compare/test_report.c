/* SPDX-License-Identifier: Apache-2.0
 *
 * The table and the JSON of a comparison, and the groups that are compared.
 */
#define _GNU_SOURCE
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <cmocka.h>

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "compare/groups.h"
#include "result/report.h"
#include "result_samples.h"

#define SEEDS 3

/* Steal falls from about 10 to 1, lost stays 0, one lock metric exists in the base only. */
static void make_results(struct result results[2 * SEEDS])
{
    for (size_t i = 0; i < 2 * SEEDS; i++) {
        bool is_new = i >= SEEDS;
        uint64_t seed = i % SEEDS + 1;
        result_init(&results[i], "s", is_new ? "softirq-requeue" : "domain-tasklet", seed, "");
        metrics_append(&results[i].metrics, "guests.idle.steal.percent", (is_new ? 100 : 1000) + seed, 100);
        metrics_append(&results[i].metrics, "irq.lost", 0, 1);
        metrics_append(&results[i].metrics, "locks.l.waiters.max", 7, 1);
        metrics_append(&results[i].metrics, "engine.events", 5 + is_new, 1);
        if (!is_new)
            metrics_append(&results[i].metrics, "locks.old.waiters.max", 3, 1);
    }
}

static void make_comparison(struct comparison *comparison, const struct result *results, size_t seeds)
{
    struct compare_side sides[2];
    for (size_t side = 0; side < 2; side++) {
        compare_side_init(&sides[side], results[side * SEEDS].design);
        for (size_t i = 0; i < seeds; i++)
            compare_side_add(&sides[side], &results[side * SEEDS + i]);
    }
    comparison_make(comparison, sides, 2, 1);
}

static char *table_of(const struct comparison *comparison, bool wants_all)
{
    char *text;
    size_t bytes;
    FILE *out = open_memstream(&text, &bytes);
    comparison_print(comparison, out, wants_all, false);
    fclose(out);
    return text;
}

static void table(void **state)
{
    (void)state;
    struct result results[2 * SEEDS];
    struct comparison comparison;
    make_results(results);
    make_comparison(&comparison, results, SEEDS);
    char *text = table_of(&comparison, false);
    assert_string_equal(
        text, "metric                     domain-tasklet  softirq-requeue             difference  verdict\n"
              "guests.idle.steal.percent     10.02 ±0.02       1.02 ±0.02  -9.00 ±0.00 (-89.8 %)   better\n"
              "irq.lost                             0 ±0             0 ±0                   0 ±0     same\n"
              "locks.old.waiters.max                3 ±0                -                      -         \n"
              "engine.events                        5 ±0             6 ±0        +1 ±0 (+20.0 %)         \n"
              "\n"
              "3 seeds, paired differences, ± 95 % confidence\n"
              "verdicts beyond 1 % of domain-tasklet, corrected for 1 test: 1 better, 0 worse, 2 same, 0 inconclusive\n"
              "1 of 5 metrics are the same in every run and not shown (--all shows them)\n");
    free(text);
    text = table_of(&comparison, true);
    assert_non_null(strstr(text, "locks.l.waiters.max"));
    free(text);
    comparison_free(&comparison);
    make_comparison(&comparison, results, 1);
    text = table_of(&comparison, false);
    assert_non_null(strstr(text, "1 seed: no confidence intervals"));
    assert_null(strstr(text, "±"));
    free(text);
    comparison_free(&comparison);
    for (size_t i = 0; i < 2 * SEEDS; i++)
        result_free(&results[i]);
}

static double number_at(json_t *json, const char *key, const char *metric)
{
    json_t *value = json_object_get(json_object_get(json, key), metric);
    assert_true(json_is_number(value));
    return json_number_value(value);
}

static void json_document(void **state)
{
    (void)state;
    struct result results[2 * SEEDS];
    struct comparison comparison;
    make_results(results);
    results[0].wall.seconds = 1;
    make_comparison(&comparison, results, SEEDS);
    json_t *json = comparison_to_json(&comparison);
    assert_string_equal(json_string_value(json_object_get(json, "scenario")), "s");
    assert_int_equal(json_integer_value(json_object_get(json, "seeds")), 3);
    json_t *designs = json_object_get(json, "designs");
    assert_int_equal(json_array_size(designs), 2);
    json_t *base = json_array_get(designs, 0), *other = json_array_get(designs, 1);
    assert_string_equal(json_string_value(json_object_get(base, "design")), "domain-tasklet");
    assert_string_equal(json_string_value(json_object_get(other, "design")), "softirq-requeue");
    assert_int_equal(json_integer_value(json_object_get(base, "seed")), 1);
    assert_true(number_at(base, "metrics", "guests.idle.steal.percent") == 10.02);
    assert_true(number_at(base, "metrics", "engine.wall_seconds") > 0);
    assert_true(number_at(other, "confidence", "irq.lost") == 0);
    assert_true(json_is_null(json_object_get(json_object_get(other, "metrics"), "locks.old.waiters.max")));
    json_t *difference = json_array_get(json_object_get(json, "differences"), 0);
    assert_string_equal(json_string_value(json_object_get(difference, "against")), "domain-tasklet");
    assert_true(json_is_true(json_object_get(difference, "paired")));
    json_t *steal = json_object_get(json_object_get(difference, "metrics"), "guests.idle.steal.percent");
    assert_string_equal(json_string_value(json_object_get(steal, "verdict")), "better");
    assert_string_equal(json_string_value(json_object_get(steal, "better")), "lower");
    json_t *events = json_object_get(json_object_get(difference, "metrics"), "engine.events");
    assert_null(json_object_get(events, "verdict"));
    json_decref(json);
    comparison_free(&comparison);
    for (size_t i = 0; i < 2 * SEEDS; i++)
        result_free(&results[i]);
}

/* Latencies of seeds in which nothing was delivered: for each side, which seeds have none, and what is said. */
static void no_observation(void **state)
{
    static const struct {
        const char *none[2], *line, *footer, *verdict; /* `none`: 'n' for a seed without an observation */
    } rows[] = {
        { { "...", "..n" }, "unobserved in 1 of 3 seeds\n", ", 0 inconclusive, 1 unobserved\n", "unobserved" },
        { { "...", "nnn" }, "-  unobserved in 3 of 3 seeds\n", ", 0 inconclusive, 1 unobserved\n", "unobserved" },
        { { "n..", "..." }, "base unobserved in 1 of 3 seeds\n", ", 1 unobserved\n", "unobserved" },
        { { "n..", ".nn" }, "unobserved in 2 of 3 seeds\n", ", 1 unobserved\n", "unobserved" },
        { { "...", "..." }, "  better\n", "1 better, 0 worse, 0 same, 0 inconclusive\n", "better" },
    };

    (void)state;
    for (size_t row = 0; row < sizeof rows / sizeof rows[0]; row++) {
        struct result results[2 * SEEDS];
        struct comparison comparison;
        for (size_t i = 0; i < 2 * SEEDS; i++) {
            bool is_none = rows[row].none[i / SEEDS][i % SEEDS] == 'n';
            result_init(&results[i], "s", i >= SEEDS ? "new" : "old", i % SEEDS + 1, "");
            metrics_append(&results[i].metrics, "irq.latency.mean_ns",
                           is_none      ? 0
                           : i >= SEEDS ? 100
                                        : 900 + i,
                           !is_none);
        }
        make_comparison(&comparison, results, SEEDS);
        char *text = table_of(&comparison, false);
        assert_non_null(strstr(text, rows[row].line));
        assert_non_null(strstr(text, rows[row].footer));
        free(text);
        json_t *json = comparison_to_json(&comparison);
        json_t *difference = json_array_get(json_object_get(json, "differences"), 0);
        json_t *entry = json_object_get(json_object_get(difference, "metrics"), "irq.latency.mean_ns");
        assert_string_equal(json_string_value(json_object_get(entry, "verdict")), rows[row].verdict);
        for (size_t side = 0; side < 2; side++) {
            json_t *design = json_array_get(json_object_get(json, "designs"), side);
            json_t *count = json_object_get(json_object_get(design, "unobserved"), "irq.latency.mean_ns");
            size_t expected = 0;
            for (size_t i = 0; i < SEEDS; i++)
                expected += rows[row].none[side][i] == 'n';
            assert_int_equal(json_integer_value(count), expected);
            assert_int_equal(count != NULL, expected > 0);
        }
        json_decref(json);
        comparison_free(&comparison);
        for (size_t i = 0; i < 2 * SEEDS; i++)
            result_free(&results[i]);
    }
}

static void groups_differ_in_seeds_alone(void **state)
{
    (void)state;
    static const struct {
        const char *scenario, *design, *sockets;
        uint64_t seed;
        bool is_partial;
    } rows[] = {
        { "s", "a", "2", 2, false }, { "s", "b", "2", 1, false }, { "s", "a", "2", 1, false },
        { "s", "a", "4", 1, false }, { "t", "a", "2", 1, false }, { "s", "a", NULL, 1, false },
        { "s", "a", "2", 3, true },
    };
    struct result_set set;
    struct compare_groups groups;
    result_set_init(&set);
    for (size_t i = 0; i < sizeof rows / sizeof rows[0]; i++) {
        struct result result;
        result_init(&result, rows[i].scenario, rows[i].design, rows[i].seed, "");
        if (rows[i].sockets != NULL)
            result_add_axis(&result, "sockets", rows[i].sockets);
        result.is_partial = rows[i].is_partial;
        result_set_append(&set, &result);
    }
    compare_groups_make(&groups, &set);
    assert_int_equal(groups.count, 5);
    assert_int_equal(groups.partial_count, 1);
    assert_int_equal(groups.groups[0].side.count, 2);
    assert_int_equal(groups.groups[0].first->seed, 1);
    assert_ptr_equal(compare_groups_find(&groups, &set.results[3]), &groups.groups[2]);
    char text[64];
    compare_cell_text(&set.results[3], text, sizeof text);
    assert_string_equal(text, "s, a, sockets=4");
    compare_groups_free(&groups);
    result_set_free(&set);
}

static struct result code_result(char digit, uint64_t seed)
{
    struct code_object object = sample_code_object("xen", digit);
    struct result result;

    result_init(&result, "s", "softirq-requeue", seed, "");
    if (digit != '-')
        result_set_code(&result, &object);
    return result;
}

/* A cell's partner in another file: the same code object, else the same design with another object or without one. */
static void code_objects_are_told_apart_and_matched(void **state)
{
    (void)state;
    static const struct {
        const char *there; /* of each result: '-' built in, or the digit of its object's hash */
        char wanted;
        int group; /* of `there`; -1: none */
    } rows[] = {
        { "-a", '-', 0 },  { "-a", 'a', 1 },  { "a", '-', 0 },  { "-", 'a', 0 },   { "a", 'b', 0 },
        { "-a", 'b', -1 }, { "ab", '-', -1 }, { "ab", 'b', 1 }, { "aab", 'a', 0 },
    };

    for (size_t i = 0; i < sizeof rows / sizeof rows[0]; i++) {
        struct result wanted = code_result(rows[i].wanted, 1);
        struct result_set set;
        struct compare_groups groups;

        result_set_init(&set);
        for (size_t j = 0; rows[i].there[j] != '\0'; j++) {
            struct result result = code_result(rows[i].there[j], j + 1);
            result_set_append(&set, &result);
        }
        compare_groups_make(&groups, &set);
        assert_ptr_equal(compare_groups_find(&groups, &wanted),
                         rows[i].group < 0 ? NULL : &groups.groups[rows[i].group]);
        compare_groups_free(&groups);
        result_set_free(&set);
        result_free(&wanted);
    }
}

/* What two scenarios of one name differ in is in the groups, the seed and the expectations aside. */
static void scenarios_of_one_name_are_told_apart(void **state)
{
    (void)state;
    static const struct {
        const char *scenario, *resolved;
        uint64_t seed;
        size_t group;
    } rows[] = {
        { "s", "a: 1\nrun:\n  seed: 1\n  drain: 1s\n", 1, 0 },
        { "s", "a: 1\nrun:\n  seed: 20\n  drain: 1s\nexpect: clean\n", 20, 0 },
        { "s", "a: 1\nrun:\n  seed: 1\n  drain: 2s\n", 1, 1 },
        { "t", "a: 2\nrun:\n  seed: 1\n  drain: 1s\n", 1, 2 },
    };
    static const char *const variants[] = { "drain: 1s", "drain: 2s", "t" };
    struct result_set set;
    struct compare_groups groups;

    result_set_init(&set);
    for (size_t i = 0; i < sizeof rows / sizeof rows[0]; i++) {
        struct result result;
        result_init(&result, rows[i].scenario, "a", rows[i].seed, rows[i].resolved);
        result_set_append(&set, &result);
    }
    compare_groups_make(&groups, &set);
    assert_int_equal(groups.count, 3);
    assert_int_equal(groups.groups[0].side.count, 2);
    for (size_t i = 0; i < 3; i++) {
        assert_string_equal(groups.groups[i].variant, variants[i]);
        assert_int_equal(groups.groups[i].is_mixed, i < 2);
    }
    compare_groups_free(&groups);
    result_set_free(&set);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(table),
        cmocka_unit_test(json_document),
        cmocka_unit_test(no_observation),
        cmocka_unit_test(groups_differ_in_seeds_alone),
        cmocka_unit_test(code_objects_are_told_apart_and_matched),
        cmocka_unit_test(scenarios_of_one_name_are_told_apart),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
