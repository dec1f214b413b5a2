/* SPDX-License-Identifier: Apache-2.0
 *
 * Every Xen scenario of tests/explore/ and every shipped one with one tick at any moment: where the search is complete,
 * the verdict is the one without ticks, but for what idle sleeps over until the next tick.
 */
#include <string.h>

#include "explore_history.h"

#define STATES_MAX 400000

static const char *expected(const struct scenario *scenario)
{
    if (strcmp(scenario->name, "s2-9b0f0f6e23-before") == 0)
        return "violation delayed-interrupt";
    return strcmp(scenario->name, "explore-ticks") == 0 ? "clean" : scenario->explore_expectation;
}

/* 1: as expected; 0: incomplete or of another family; -1: otherwise. */
static int search(const char *path)
{
    const char *set = "run.ticks=1";
    struct explore_limits limits = explore_default_limits;
    struct explore_outcome outcome;
    struct scenario scenario;
    struct diag diag;
    char message[256] = "";

    diag_init(&diag);
    bool is_read = scenario_load(&scenario, path, &set, 1, &diag) == SCENARIO_OK;
    diag_free(&diag);
    if (!is_read)
        return 0;
    limits.states = STATES_MAX;
    assert_true(explore_scenario(&scenario, scenario.setup.hypervisor.design, &limits, NULL, &outcome, message,
                                 sizeof(message)));
    int result = outcome.verdict == EXPLORE_INCOMPLETE                ? 0
                 : explore_is_expected(&outcome, expected(&scenario)) ? 1
                                                                      : -1;
    if (result < 0 || (outcome.verdict == EXPLORE_VIOLATION && !history_replays(&scenario, &outcome))) {
        print_error("%s: found %s %s\n", path, violation_name(outcome.violation.kind), outcome.violation.text);
        result = -1;
    }
    explore_outcome_free(&outcome);
    scenario_free(&scenario);
    return result;
}

static void test_one_tick(void **state)
{
    static const char *const patterns[] = { SOURCE_DIR "/tests/explore/*.yaml",
                                            SOURCE_DIR "/scenarios/explore-*.yaml" };
    size_t good = 0, bad = 0;

    (void)state;
    if (!explore_state_is_supported())
        skip();
    for (size_t i = 0; i < sizeof(patterns) / sizeof(*patterns); i++) {
        glob_t found;
        assert_int_equal(glob(patterns[i], 0, NULL, &found), 0);
        for (size_t j = 0; j < found.gl_pathc; j++) {
            int result = search(found.gl_pathv[j]);
            good += result > 0;
            bad += result < 0;
        }
        globfree(&found);
    }
    assert_int_equal(bad, 0);
    assert_true(good >= 70);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_one_tick),
    };

    return cmocka_run_group_tests_name("deep_explore_ticks", tests, NULL, NULL);
}
