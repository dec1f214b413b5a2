/* SPDX-License-Identifier: Apache-2.0
 *
 * Two hundred kills of run, compare, sweep, experiment and explore, with several threads and processes.
 */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

#include "faults/kills.h"

static void nothing_is_lost(void **state)
{
    (void)state;
    if (!faults_begin())
        skip();
    for (uint64_t seed = 1; seed <= 4; seed++)
        kill_at_random(seed, 54);
}

int main(void)
{
    const struct CMUnitTest tests[] = { cmocka_unit_test(nothing_is_lost) };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
