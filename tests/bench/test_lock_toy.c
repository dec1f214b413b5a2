/* SPDX-License-Identifier: Apache-2.0
 *
 * Checks that bench_lock_toy works: it runs and has a row for each lock that it is asked for, and the simulated cycles
 * between two acquisitions, which do not depend on the host, are between the hold time and those of a collapsed lock.
 * Speed is not checked.
 */
#include <stdio.h>
#include <string.h>

#include <jansson.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

static void quick_run_reports_the_locks_asked_for(void **state)
{
    static const char *const locks[] = { "ticket-words", "ticket", "mcs", "ttas" };
    double cycles_between[4];
    char command[4096];
    const char *end = strrchr(IRQPATH, '/');
    json_t *root, *row;
    size_t index;
    FILE *output;

    (void)state;
    assert_non_null(end);
    (void)snprintf(command, sizeof(command), "'%.*s/bench_lock_toy' --quick --json ticket mcs ttas 2>/dev/null",
                   (int)(end - IRQPATH), IRQPATH);
    output = popen(command, "r"); /* NOLINT(bugprone-command-processor) */
    assert_non_null(output);
    root = json_loadf(output, 0, NULL);
    assert_int_equal(pclose(output), 0);
    assert_non_null(root);
    assert_true(json_real_value(json_object_get(root, "heap_ns_per_event")) > 0);
    assert_int_equal(json_array_size(json_object_get(root, "locks")), 4);
    json_array_foreach(json_object_get(root, "locks"), index, row)
    {
        assert_string_equal(json_string_value(json_object_get(row, "lock")), locks[index]);
        assert_true(json_real_value(json_object_get(row, "acquisitions_per_second")) > 0);
        cycles_between[index] = json_real_value(json_object_get(row, "cycles_between"));
        assert_true(cycles_between[index] > 400);
    }
    /* spin_lock adds statistics to the ticket algorithm, and no time; the queue lock hands over in one transfer, the
     * race costs most. */
    assert_true(cycles_between[0] == cycles_between[1]);
    assert_true(cycles_between[2] < cycles_between[1] && cycles_between[1] < cycles_between[3]);
    json_decref(root);
}

int main(void)
{
    const struct CMUnitTest tests[] = { cmocka_unit_test(quick_run_reports_the_locks_asked_for) };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
