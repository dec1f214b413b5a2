/* SPDX-License-Identifier: Apache-2.0
 *
 * The first states of every shipped exploration, of every design and under both memories, with each step taken again:
 * what the search remembers is what happens, and what it clears as dead on stacks is not read. CHECKs of the search
 * tell. tests/deep/test_verified.c explores more states of each.
 */
#include "explore_verified.h"

int main(void)
{
    struct verified_limits limits = { .states = 400 };
    const struct CMUnitTest tests[] = { cmocka_unit_test_prestate(explore_verified, &limits) };

    return cmocka_run_group_tests_name("explore_verified", tests, NULL, NULL);
}
