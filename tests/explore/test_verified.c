/* SPDX-License-Identifier: Apache-2.0
 *
 * The first states of every shipped exploration, of every design and under both memories, with each step taken again:
 * what the search remembers is what happens, and what it clears as dead on stacks is not read. CHECKs of the search
 * tell. Random walks go further. tests/deep/test_verified.c explores more of each.
 */
#include "explore_filled.h"

int main(void)
{
    uint64_t states = 400, walks = 1;
    const struct CMUnitTest tests[] = {
        cmocka_unit_test_prestate(explore_verified, &states),
        cmocka_unit_test_prestate(explore_filled, &walks),
    };

    return cmocka_run_group_tests_name("explore_verified", tests, NULL, NULL);
}
