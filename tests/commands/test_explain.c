/* SPDX-License-Identifier: Apache-2.0
 *
 * irqpath explain: its output gives the origin of every value and is a valid scenario; JSON output.
 */
#define _GNU_SOURCE
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>
#include <jansson.h>

#include "program.h"

#define STEAL SOURCE_DIR "/scenarios/eight-socket-steal.yaml"

static void values_have_origins(void **state)
{
    static struct program program;

    (void)state;
    program_run(&program, "", "explain " STEAL " --set guests.idle.timer=500Hz --design softirq-requeue");
    assert_int_equal(program.code, 0);
    assert_string_equal(program.errors, "");
    assert_non_null(strstr(program.output, "    timer: 500Hz                                          # --set 1:19\n"));
    assert_non_null(strstr(program.output, "  design: softirq-requeue                                 # --set 2:19\n"));
    assert_non_null(strstr(program.output, "    placement: pinned                                     # default\n"));
    assert_non_null(strstr(program.output, "(recalled)\n"));
}

/* A cost that is off is written, or the profile's would come back when the output is read. */
static void what_is_off_stays_off(void **state)
{
    static struct program program;

    (void)state;
    program_run(&program, "", "explain " STEAL);
    assert_non_null(strstr(program.output, "    socket_service: 0cy "));
    program_run(&program, "",
                "explain " STEAL
                " --set machine.profile=haswell-ex-4s --set machine.costs.socket_service=0cy | '" IRQPATH
                "' explain -");
    assert_int_equal(program.code, 0);
    assert_non_null(strstr(program.output, "    socket_service: 0cy "));
}

static void output_is_a_scenario(void **state)
{
    static struct program first, second;
    char *comment;

    (void)state;
    program_run(&first, "", "explain " STEAL);
    program_run(&second, "", "explain " STEAL " | '" IRQPATH "' explain -");
    assert_int_equal(second.code, 0);
    for (char *left = first.output, *right = second.output; *left && *right;) {
        size_t bytes = strcspn(left, "#\n");

        comment = right + strcspn(right, "#\n");
        assert_int_equal(bytes, comment - right);
        assert_memory_equal(left, right, bytes);
        left += strcspn(left, "\n") + 1;
        right += strcspn(right, "\n") + 1;
    }
}

static void json_is_pure(void **state)
{
    static struct program program;
    json_error_t error;
    json_t *json;

    (void)state;
    /* With a warning on the way: it belongs to stderr. */
    program_run(&program, "", "explain " STEAL " --json --set devices.vf.arrivals.think=1ms");
    assert_int_equal(program.code, 0);
    assert_non_null(strstr(program.errors, "warning: 'think' has no effect"));
    json = json_loads(program.output, 0, &error);
    assert_non_null(json);
    assert_string_equal(json_string_value(json_object_get(json, "scenario")), "eight-socket-steal");
    assert_true(json_array_size(json_object_get(json, "values")) > 100);
    json_decref(json);
}

int main(void)
{
    static const struct CMUnitTest tests[] = {
        cmocka_unit_test(values_have_origins),
        cmocka_unit_test(what_is_off_stays_off),
        cmocka_unit_test(output_is_a_scenario),
        cmocka_unit_test(json_is_pure),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
