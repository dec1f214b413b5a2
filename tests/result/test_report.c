/* SPDX-License-Identifier: Apache-2.0
 *
 * The structure of the JSON, CSV and Markdown documents, on which scripts rely.
 */
#define _GNU_SOURCE
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <cmocka.h>

#include <math.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "result/report.h"
#include "result_samples.h"

/* A result with one metric of each kind. */
static struct result small_result(void)
{
    struct result result;
    result_init(&result, "a,\"b\"", "softirq-requeue", UINT64_MAX, "");
    metrics_append(&result.metrics, "guests.idle.steal.percent", 1, 8);
    metrics_append(&result.metrics, "engine.events", 9007199254740993, 1);
    metrics_append(&result.metrics, "irq.lost", 0, 1);
    metrics_append(&result.metrics, "irq.latency.p50_ns", 0, 0);
    return result;
}

static char *printed(void (*print)(const struct result_set *set, FILE *out), const struct result_set *set)
{
    char *text;
    size_t bytes;
    FILE *out = open_memstream(&text, &bytes);
    print(set, out);
    fclose(out);
    return text;
}

static void print_json(const struct result_set *set, FILE *out) { json_print(result_set_to_json(set), out); }

static void json_of_a_run(void **state)
{
    (void)state;
    struct result result = small_result();
    struct result_set set = { &result, 1, 1 };
    char *text = printed(print_json, &set);
    assert_string_equal(text, "{\n"
                              "  \"design\": \"softirq-requeue\",\n"
                              "  \"metrics\": {\n"
                              "    \"engine.events\": \"9007199254740993\",\n"
                              "    \"guests.idle.steal.percent\": 0.125,\n"
                              "    \"irq.latency.p50_ns\": null,\n"
                              "    \"irq.lost\": 0\n"
                              "  },\n"
                              "  \"scenario\": \"a,\\\"b\\\"\",\n"
                              "  \"seed\": \"18446744073709551615\"\n"
                              "}\n");
    free(text);
    result_free(&result);
}

/* Wall-clock figures are in the JSON of a result that was just made, and in no other document. */
static void wall_clock_is_in_json_only(void **state)
{
    (void)state;
    struct result result = sample_result("domain-tasklet", 1, 100);
    struct result_set set = { &result, 1, 1 };
    json_t *json = result_to_json(&result);
    json_t *metrics = json_object_get(json, "metrics");
    assert_true(json_real_value(json_object_get(metrics, "engine.realtime_factor")) == 2);
    assert_true(json_real_value(json_object_get(metrics, "engine.events_per_second")) == 5e6);
    assert_true(json_real_value(json_object_get(metrics, "engine.wall_seconds")) == 0.6);
    assert_int_equal(json_integer_value(json_object_get(metrics, "engine.peak_rss_bytes")), 64 << 20);
    json_decref(json);

    char *csv = printed(result_set_print_csv, &set), *markdown = printed(result_set_print_markdown, &set);
    assert_null(strstr(csv, "wall"));
    assert_null(strstr(markdown, "wall"));
    free(csv);
    free(markdown);
    result.wall = (struct result_wall){ 0 };
    json = result_to_json(&result);
    assert_null(json_object_get(json_object_get(json, "metrics"), "engine.wall_seconds"));
    json_decref(json);
    result_free(&result);
}

/* What a tree's files were, where there were any. */
static void json_tells_whose_code_ran(void **state)
{
    static const char *const keys[] = { "hash", "family", "files", "commit", "compiler" };
    struct result result = small_result();
    json_t *json = result_to_json(&result);

    (void)state;
    assert_null(json_object_get(json, "code"));
    json_decref(json);
    char **texts[] = { &result.code.hash, &result.code.family, &result.code.files, &result.code.commit,
                       &result.code.compiler };
    for (size_t i = 0; i < sizeof keys / sizeof *keys; i++) {
        *texts[i] = malloc(16);
        snprintf(*texts[i], 16, "its %s", keys[i]);
    }
    json = result_to_json(&result);
    json_t *code = json_object_get(json, "code");
    assert_int_equal(json_object_size(code), 5);
    for (size_t i = 0; i < sizeof keys / sizeof *keys; i++)
        assert_string_equal(json_string_value(json_object_get(code, keys[i])), *texts[i]);
    json_decref(json);
    result_free(&result);
}

static void json_of_several_is_an_array(void **state)
{
    (void)state;
    struct result results[2] = { small_result(), small_result() };
    struct result_set set = { results, 2, 2 };
    results[1].is_partial = true;
    result_add_axis(&results[1], "sockets", "8");
    result_add_stuck(&results[1], &(struct result_stuck){ "vf", 1, 2, true, "nowhere" });
    json_t *json = result_set_to_json(&set);
    assert_int_equal(json_array_size(json), 2);
    json_t *second = json_array_get(json, 1);
    assert_true(json_is_true(json_object_get(second, "partial")));
    assert_string_equal(json_string_value(json_object_get(json_object_get(second, "axes"), "sockets")), "8");
    json_t *stuck = json_array_get(json_object_get(second, "stuck"), 0);
    assert_string_equal(json_string_value(json_object_get(stuck, "device")), "vf");
    assert_int_equal(json_integer_value(json_object_get(stuck, "vector")), 1);
    assert_int_equal(json_integer_value(json_object_get(stuck, "count")), 2);
    assert_string_equal(json_string_value(json_object_get(stuck, "fate")), "lost");
    assert_string_equal(json_string_value(json_object_get(stuck, "place")), "nowhere");
    assert_null(json_object_get(json_array_get(json, 0), "stuck"));
    assert_null(json_object_get(json_array_get(json, 0), "partial"));
    assert_null(json_object_get(json_array_get(json, 0), "axes"));
    json_decref(json);
    result_free(&results[0]);
    result_free(&results[1]);
}

/* Of all results, each once, in order. */
static void axes_are_sorted(void **state)
{
    static const char *const added[][4] = { { "f", "d", "m", "b" }, { "d", "a", "z", "e" }, { "c", "g", "b", "f" } };
    static const char *const expected[] = { "a", "b", "c", "d", "e", "f", "g", "m", "z" };
    struct result results[3];
    struct result_set set = { results, 3, 3 };
    size_t count;

    (void)state;
    for (size_t i = 0; i < 3; i++) {
        results[i] = small_result();
        for (size_t axis = 0; axis < 4; axis++)
            result_add_axis(&results[i], added[i][axis], "1");
    }
    const char **paths = result_set_axis_paths(&set, &count);
    assert_int_equal(count, sizeof expected / sizeof *expected);
    for (size_t i = 0; i < count; i++)
        assert_string_equal(paths[i], expected[i]);
    free(paths);
    for (size_t i = 0; i < 3; i++)
        result_free(&results[i]);
}

static void csv_is_tidy(void **state)
{
    (void)state;
    struct result results[2] = { small_result(), small_result() };
    struct result_set set = { results, 1, 1 };
    char *text = printed(result_set_print_csv, &set);
    assert_string_equal(text,
                        "scenario,design,seed,metric,value,unit\n"
                        "\"a,\"\"b\"\"\",softirq-requeue,18446744073709551615,guests.idle.steal.percent,0.125,%\n"
                        "\"a,\"\"b\"\"\",softirq-requeue,18446744073709551615,irq.lost,0,count\n"
                        "\"a,\"\"b\"\"\",softirq-requeue,18446744073709551615,irq.latency.p50_ns,,ns\n"
                        "\"a,\"\"b\"\"\",softirq-requeue,18446744073709551615,engine.events,9007199254740993,count\n");
    free(text);

    result_add_axis(&results[1], "sockets", "8");
    set.count = 2;
    text = printed(result_set_print_csv, &set);
    assert_non_null(strstr(text, "metric,value,unit,sockets\n"));
    assert_non_null(strstr(text, "irq.lost,0,count,\n"));
    assert_non_null(strstr(text, "irq.lost,0,count,8\n"));
    free(text);
    result_free(&results[0]);
    result_free(&results[1]);
}

static void markdown_has_a_table_for_each_result(void **state)
{
    (void)state;
    struct result result = small_result();
    struct result_set set = { &result, 1, 1 };
    result_add_axis(&result, "sockets", "8");
    result.is_partial = true;
    char *text = printed(result_set_print_markdown, &set);
    assert_non_null(strstr(text, "### a,\"b\", softirq-requeue, seed 18446744073709551615 (partial)\n\n- sockets: 8\n\n"
                                 "| metric | value | unit |\n|:--|--:|--:|\n"
                                 "| guests.idle.steal.percent | 0.125 | % |\n"));
    free(text);
    result_free(&result);
}

static void numbers_survive_json(void **state)
{
    (void)state;
    json_t *json = json_from_u64((uint64_t)1 << 53);
    assert_true(json_is_integer(json));
    json_decref(json);
    json = json_from_u64(((uint64_t)1 << 53) + 1);
    assert_string_equal(json_string_value(json), "9007199254740993");
    json_decref(json);
    json = json_from_double(INFINITY);
    assert_true(json_is_null(json));
    json_decref(json);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(json_of_a_run),
        cmocka_unit_test(wall_clock_is_in_json_only),
        cmocka_unit_test(json_tells_whose_code_ran),
        cmocka_unit_test(json_of_several_is_an_array),
        cmocka_unit_test(axes_are_sorted),
        cmocka_unit_test(csv_is_tidy),
        cmocka_unit_test(markdown_has_a_table_for_each_result),
        cmocka_unit_test(numbers_survive_json),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
