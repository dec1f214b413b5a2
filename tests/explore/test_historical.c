/* SPDX-License-Identifier: Apache-2.0
 *
 * Historical bugs: tests/explore/ID-COMMIT-before.yaml and -after.yaml around each fix. The IDs are ours: R dPCI, T
 * tasklet, S softirq, F posted interrupts, each with the commit that fixed it; I what we infer from the code, without a
 * fix upstream; G traces derived by hand. What takes longer stands in tests/explore/deep/ and is a test of its own.
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
