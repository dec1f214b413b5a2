/* SPDX-License-Identifier: Apache-2.0
 *
 * The same as tests/explore/test_verified.c with more states and walks of each.
 */
#include "explore_filled.h"

int main(void)
{
    uint64_t states = 20000, walks = 10;
    const struct CMUnitTest tests[] = {
        cmocka_unit_test_prestate(explore_verified, &states),
        cmocka_unit_test_prestate(explore_filled, &walks),
    };

    return cmocka_run_group_tests_name("deep_verified", tests, NULL, NULL);
}
