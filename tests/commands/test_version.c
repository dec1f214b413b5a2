/* SPDX-License-Identifier: Apache-2.0
 *
 * irqpath version: three lines, or three members.
 */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <string.h>

#include <cmocka.h>

#include "program.h"

static struct program ran;

static void all_three_are_said(void **state)
{
    const char *build;

    (void)state;
    program_run(&ran, "", "version");
    assert_int_equal(ran.code, 0);
    assert_int_equal(strncmp(ran.output, "irqpath 0.", 10), 0);
    assert_non_null(strstr(ran.output, "\ncommit   "));
    build = strstr(ran.output, "\nbuild ID ");
    assert_non_null(build);
    assert_true(strspn(build + 10, "0123456789abcdef") >= 32);
    program_run(&ran, "", "--version --json");
    assert_non_null(strstr(ran.output, "\"build_id\": \""));
}

int main(void)
{
    static const struct CMUnitTest tests[] = { cmocka_unit_test(all_three_are_said) };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
