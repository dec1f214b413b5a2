/* SPDX-License-Identifier: Apache-2.0
 *
 * A few kills of run, compare, sweep, experiment and explore (tests/deep/test_kills.c: many).
 */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

#include "kills.h"

static void nothing_is_lost(void **state)
{
    (void)state;
    if (!faults_begin())
        skip();
    kill_at_random(1, 12);
}

int main(void)
{
    const struct CMUnitTest tests[] = { cmocka_unit_test(nothing_is_lost) };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
