/* SPDX-License-Identifier: Apache-2.0
 *
 * Checks that bench_engine works: it runs, its contenders agree on every event's time (or it would fail), and its JSON
 * has all rows. Speed is not checked, since it is unreliable in so short a run on a loaded machine.
 */
#include <stdio.h>
#include <string.h>

#include <jansson.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

static json_t *bench_run(const char *options)
{
    char command[4096];
    const char *end = strrchr(IRQPATH, '/');
    json_t *root;
    FILE *output;

    assert_non_null(end);
    (void)snprintf(command, sizeof(command), "'%.*s/bench_engine' %s 2>/dev/null", (int)(end - IRQPATH), IRQPATH,
                   options);
    output = popen(command, "r"); /* NOLINT(bugprone-command-processor) */
    assert_non_null(output);
    root = json_loadf(output, 0, NULL);
    assert_int_equal(pclose(output), 0);
    return root;
}

static void quick_run_reports_every_row(void **state)
{
    static const char *const nulls[] = { "advance", "park", "switch" };
    json_t *root = bench_run("--quick --json"), *row;
    size_t index;

    (void)state;
    assert_non_null(root);
    assert_int_equal(json_array_size(json_object_get(root, "hold")), 16);
    json_array_foreach(json_object_get(root, "hold"), index, row)
    {
        assert_true(json_integer_value(json_object_get(row, "pending")) > 0);
        assert_true(json_is_string(json_object_get(row, "queue")));
        assert_true(json_real_value(json_object_get(row, "ns_per_event")) > 0);
        assert_true(json_real_value(json_object_get(row, "ratio_to_heap")) > 0);
    }
    for (size_t i = 0; i < sizeof(nulls) / sizeof(nulls[0]); i++)
        assert_true(json_real_value(json_object_get(json_object_get(root, "null_ns"), nulls[i])) > 0);
    json_decref(root);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(quick_run_reports_every_row),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
