/* SPDX-License-Identifier: Apache-2.0
 *
 * Explores the historical bugs whose scenarios take longer, in tests/explore/deep/.
 */
#include "explore_history.h"

#define SECONDS_MAX 1800 /* of each */

static void test_history(void **state)
{
    (void)state;
    if (!explore_state_is_supported())
        skip();
    if (history_explore_all(SOURCE_DIR "/tests/explore/deep/*.yaml", SECONDS_MAX) == 0)
        skip();
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_history),
    };

    return cmocka_run_group_tests_name("deep_explore_historical", tests, NULL, NULL);
}
