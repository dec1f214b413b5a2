/* SPDX-License-Identifier: Apache-2.0
 *
 * Runs every experiment of the benchmark suite on small inputs and checks that the expectations of bench/experiments/
 * hold.
 */
#include <stdio.h>
#include <stdlib.h>

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

static void the_quick_suite_is_as_expected(void **state)
{
    (void)state;
    assert_int_equal(setenv("IRQPATH", IRQPATH, 1), 0);
    assert_int_equal(system("'" SOURCE_DIR "/bench/run' --quick --force"), 0); /* NOLINT(*-command-processor) */
}

int main(void)
{
    const struct CMUnitTest tests[] = { cmocka_unit_test(the_quick_suite_is_as_expected) };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
