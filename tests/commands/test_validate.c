/* SPDX-License-Identifier: Apache-2.0
 *
 * irqpath validate: every shipped scenario is valid, errors of several files are all reported, worst exit code.
 */
#define _GNU_SOURCE
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

#include "program.h"

static void shipped_scenarios_are_valid(void **state)
{
    static struct program program;

    (void)state;
    program_run(&program, "", "validate " SOURCE_DIR "/scenarios/*.yaml");
    assert_int_equal(program.code, 0);
    assert_string_equal(program.output, "");
    assert_non_null(strstr(program.errors, "one-msi.yaml: valid, 1 cell\n"));
    assert_non_null(strstr(program.errors, "radix-walk.yaml: valid, 33 cells\n"));
}

static void messages_have_line_and_caret(void **state)
{
    static struct program program;

    (void)state;
    program_run(&program, "",
                "validate - <<'END'\n"
                "name: x\nguests:\n  - { name: g, vcpu: 2, timer: 250 }\nEND");
    assert_int_equal(program.code, 2);
    assert_string_equal(program.output, "");
    assert_string_equal(
        program.errors,
        "<stdin>:3:16: error: unknown key 'vcpu' at .guests[0].vcpu (did you mean 'vcpus'?)\n"
        "      - { name: g, vcpu: 2, timer: 250 }\n"
        "                   ^\n"
        "<stdin>:3:32: error: '250' has no unit: expected a rate (mHz, Hz, kHz, MHz) at .guests[0].timer\n"
        "      - { name: g, vcpu: 2, timer: 250 }\n"
        "                                   ^\n");
}

int main(void)
{
    static const struct CMUnitTest tests[] = {
        cmocka_unit_test(shipped_scenarios_are_valid),
        cmocka_unit_test(messages_have_line_and_caret),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
