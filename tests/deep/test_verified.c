/* SPDX-License-Identifier: Apache-2.0
 *
 * The same as tests/explore/test_verified.c with more states of each.
 */
#include "explore_verified.h"

int main(void)
{
    struct verified_limits limits = { .states = 20000 };
    const struct CMUnitTest tests[] = { cmocka_unit_test_prestate(explore_verified, &limits) };

    return cmocka_run_group_tests_name("deep_verified", tests, NULL, NULL);
}
