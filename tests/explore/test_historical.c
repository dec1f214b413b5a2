/* SPDX-License-Identifier: Apache-2.0
 *
 * Explores historical bugs: tests/explore/ID-COMMIT-before.yaml and -after.yaml model the code before and after each
 * fix. The IDs are ours: R dPCI, T tasklet, S softirq and F posted interrupts, each with the commit of the fix; I are
 * bugs inferred from the code, without a fix upstream; G are traces derived by hand. Scenarios that take longer are in
 * tests/explore/deep/ and have a test of their own.
 */
#include "explore_history.h"

#define SECONDS_MAX 5 /* of each */

static void test_history(void **state)
{
    (void)state;
    if (!explore_state_is_supported())
        skip();
    assert_true(history_explore_all(SOURCE_DIR "/tests/explore/*.yaml", SECONDS_MAX) >= 12);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_history),
    };

    return cmocka_run_group_tests_name("explore_historical", tests, NULL, NULL);
}
