/* SPDX-License-Identifier: Apache-2.0
 *
 * Compares the explorer with brute force on 1,500 random programs under each memory, other ones than those of
 * tests/explore/test_brute.c; and 400 searches with a bound.
 */
#include "brute_check.h"
#include "death.h"
#include "explore/state.h"

enum { PROGRAMS = 1500, FIRST = 100000, STATES_MAX = 20000, BOUNDED = 400, BOUNDED_STATES_MAX = 4000 };

static void programs_have_the_same_answers(void **state)
{
    enum brute_memory memory = *(const enum brute_memory *)*state;
    struct brute_tally tally = { .compared = 0 };

    if (!explore_state_is_supported())
        skip();
    for (uint64_t seed = FIRST; tally.compared < PROGRAMS; seed++)
        brute_check_seed(seed, memory, STATES_MAX, &tally);
}

static void bounded_searches_miss_nothing(void **state)
{
    enum brute_memory memory = *(const enum brute_memory *)*state;
    struct brute_tally tally = { .compared = 0 };

    if (!explore_state_is_supported())
        skip();
    for (uint64_t seed = FIRST; tally.compared < BOUNDED; seed++)
        brute_check_bounds(seed, memory, BOUNDED_STATES_MAX, 3, &tally);
    assert_true(tally.hidden >= BOUNDED / 2);
}

int main(void)
{
    enum brute_memory sc = BRUTE_SC, tso = BRUTE_TSO;
    const struct CMUnitTest tests[] = {
        cmocka_unit_test_prestate(programs_have_the_same_answers, &sc),
        cmocka_unit_test_prestate(programs_have_the_same_answers, &tso),
        cmocka_unit_test_prestate(bounded_searches_miss_nothing, &sc),
        cmocka_unit_test_prestate(bounded_searches_miss_nothing, &tso),
    };

    return cmocka_run_group_tests_name("deep_brute", tests, NULL, NULL);
}
