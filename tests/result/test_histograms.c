/* SPDX-License-Identifier: Apache-2.0
 *
 * Histograms in JSON, CSV and text: nothing recorded is lost, and an empty histogram has no numbers.
 */
#define _GNU_SOURCE
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <cmocka.h>

#include <stdlib.h>
#include <string.h>

#include "base/histogram.h"
#include "result/histograms.h"
#include "result/report.h"

static struct result make_result(void)
{
    static const uint64_t values[] = { 0, 15, 16, 2000, 2040, 2100, 1000000 };
    struct result result;
    struct histogram *histogram = malloc(sizeof *histogram);

    assert_non_null(histogram);
    result_init(&result, "s,1", "d", 3, "");
    result_add_axis(&result, "sockets", "8");
    histogram_init(histogram);
    metrics_append_histogram(&result.metrics, "devices.nic.latency", histogram);
    for (size_t i = 0; i < sizeof values / sizeof values[0]; i++)
        histogram_record(histogram, values[i]);
    metrics_append_histogram(&result.metrics, "irq.latency", histogram);
    free(histogram);
    return result;
}

static void json_has_counts_and_limits(void **state)
{
    (void)state;
    struct result result = make_result();
    json_t *all = result_to_json(&result), *json = json_object_get(all, "histograms");
    char *text = json_dumps(json, JSON_SORT_KEYS | JSON_COMPACT);
    assert_string_equal(text,
                        "{\"devices.nic.latency\":{\"buckets\":[],\"count\":0,\"max\":null,\"min\":null,\"sum\":0,"
                        "\"unit\":\"ns\"},\"irq.latency\":{\"buckets\":[[0,15,2],[16,31,1],[1920,2047,2],"
                        "[2048,2303,1],[983040,1048575,1]],\"count\":7,\"max\":1000000,\"min\":0,\"sum\":1006171,"
                        "\"unit\":\"ns\"}}");
    free(text);
    json_decref(all);
    result_free(&result);
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

static void csv_and_text(void **state)
{
    (void)state;
    static const struct {
        void (*print)(const struct result_set *set, FILE *out);
        const char *text;
    } rows[] = {
        { histograms_print_csv, "scenario,design,seed,metric,lowest,highest,count,unit,sockets\n"
                                "\"s,1\",d,3,irq.latency,0,15,2,ns,8\n"
                                "\"s,1\",d,3,irq.latency,16,31,1,ns,8\n"
                                "\"s,1\",d,3,irq.latency,1920,2047,2,ns,8\n"
                                "\"s,1\",d,3,irq.latency,2048,2303,1,ns,8\n"
                                "\"s,1\",d,3,irq.latency,983040,1048575,1,ns,8\n" },
        { histograms_print_text, "d, seed 3, sockets 8: devices.nic.latency, 0 values\n"
                                 "\n"
                                 "d, seed 3, sockets 8: irq.latency, 7 values\n" },
    };
    struct result result = make_result();
    struct result_set set = { &result, 1, 1 };
    for (size_t i = 0; i < sizeof rows / sizeof rows[0]; i++) {
        char *text = printed(rows[i].print, &set);
        assert_memory_equal(text, rows[i].text, strlen(rows[i].text));
        free(text);
    }
    result_free(&result);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(json_has_counts_and_limits),
        cmocka_unit_test(csv_and_text),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
