/* SPDX-License-Identifier: Apache-2.0
 *
 * The name in printed commands.
 */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <string.h>

#include <cmocka.h>

#include "base/program.h"

static void names_are_as_a_shell_takes_them(void **state)
{
    static const struct {
        const char *called, *printed;
    } rows[] = {
        { NULL, "irqpath" },
        { "", "irqpath" },
        { "build/irqpath", "build/irqpath" },
        { "/my tools/irqpath", "'/my tools/irqpath'" },
        { "it's", "'it'\\''s'" },
        { "$(x)", "'$(x)'" },
    };
    static char longest[8192];

    (void)state;
    for (size_t i = 0; i < sizeof(rows) / sizeof(*rows); i++) {
        program_called(rows[i].called);
        assert_string_equal(program_call(), rows[i].printed);
    }
    memset(longest, 'x', sizeof(longest) - 1);
    program_called("irqpath");
    program_called(longest);
    assert_string_equal(program_call(), "irqpath");
}

static void this_program_has_a_build_id(void **state)
{
    char text[PROGRAM_BUILD_ID_BYTES];

    (void)state;
    assert_true(strlen(program_build_id(text)) >= 32);
    assert_int_equal(strspn(text, "0123456789abcdef"), strlen(text));
}

int main(void)
{
    static const struct CMUnitTest tests[] = {
        cmocka_unit_test(names_are_as_a_shell_takes_them),
        cmocka_unit_test(this_program_has_a_build_id),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
