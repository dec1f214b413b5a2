/* SPDX-License-Identifier: Apache-2.0
 *
 * Creation, axes and lookup of results.
 */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <cmocka.h>

#include <math.h>
#include <stdlib.h>
#include <string.h>

#include "result/result.h"
#include "result_samples.h"

static void axes_ascend_whatever_the_order(void **state)
{
    (void)state;
    struct result result;
    result_init(&result, "s", "d", 1, NULL);
    result_add_axis(&result, "sockets", "8");
    result_add_axis(&result, "hypervisor.lock", "mcs");
    result_add_axis(&result, "run.seed", "");
    assert_int_equal(result.axis_count, 3);
    assert_string_equal(result.axes[0].path, "hypervisor.lock");
    assert_string_equal(result.axes[1].path, "run.seed");
    assert_string_equal(result.axes[2].path, "sockets");
    assert_string_equal(result_axis_value(&result, "sockets"), "8");
    assert_null(result_axis_value(&result, "socket"));
    assert_string_equal(result.resolved, "");
    result_free(&result);
    result_free(&result);
}

static void values_are_found_by_name(void **state)
{
    (void)state;
    struct result result = sample_result("d", 1, 300);
    assert_true(result_metric_value(&result, "guests.idle.runnable.percent") == 3);
    assert_true(isnan(result_metric_value(&result, "guests.busy.runnable.percent")));
    assert_true(isnan(result_metric_value(&result, "locks.tasklet_lock.hold.p50_ns")));
    assert_int_equal(result_histogram(&result, "irq.latency")->count, 1000);
    assert_null(result_histogram(&result, "irq"));
    result_free(&result);
}

static void sets_take_over_and_keep_the_order(void **state)
{
    (void)state;
    struct result_set set, more;
    result_set_init(&set);
    result_set_init(&more);
    for (uint64_t seed = 0; seed < 20; seed++) {
        struct result result = sample_result("d", seed, 1);
        result_set_append(seed < 10 ? &set : &more, &result);
        assert_null(result.scenario);
    }
    result_set_append_all(&set, &more);
    assert_int_equal(set.count, 20);
    assert_int_equal(more.count, 0);
    for (uint64_t seed = 0; seed < 20; seed++)
        assert_int_equal(set.results[seed].seed, seed);
    result_set_free(&set);
    result_set_free(&more);
}

static void a_code_object_is_part_of_the_design(void **state)
{
    (void)state;
    struct code_object object = sample_code_object("xen", 'a');
    struct result result = sample_result("softirq-requeue", 1, 300);
    char *name = result_design_name("softirq-requeue", NULL);
    assert_string_equal(name, "softirq-requeue");
    assert_int_equal(result_design_bytes(&result), strlen("softirq-requeue"));
    free(name);
    result_set_code(&result, &object);
    name = result_design_name("softirq-requeue", &object);
    assert_string_equal(name, "softirq-requeue+aaaaaaaa");
    assert_string_equal(result.design, name);
    assert_int_equal(result_design_bytes(&result), strlen("softirq-requeue"));
    assert_string_equal(result.code.hash, object.hash);
    assert_string_equal(result.code.family, "xen");
    assert_string_equal(result.code.files, "common/tasklet.c arch/x86/hvm.c");
    assert_string_equal(result.code.commit, "RELEASE-1");
    assert_string_equal(result.code.compiler, "gcc 12");
    free(name);
    result_free(&result);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(axes_ascend_whatever_the_order),
        cmocka_unit_test(values_are_found_by_name),
        cmocka_unit_test(sets_take_over_and_keep_the_order),
        cmocka_unit_test(a_code_object_is_part_of_the_design),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
