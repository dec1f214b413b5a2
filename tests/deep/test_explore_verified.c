/* SPDX-License-Identifier: Apache-2.0
 *
 * Explores the shipped scenarios with all designs of families whose steps record footprints, and takes the steps that a
 * search leaves out or remembers, too: each must lead where the search assumes.
 */
#include <glob.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <sys/wait.h>
#include <unistd.h>

#include <cmocka.h>

#include "base/diag.h"
#include "explore/explore.h"
#include "explore_fixture.h"
#include "models/registry.h"
#include "scenario/scenario.h"

enum { STATES_MAX = 100000 };

/* In a process of its own, since a wrong assumption ends it. */
static void verify(const struct scenario *scenario, const char *design)
{
    struct explore_limits limits = explore_default_limits;
    struct explore_world world;
    struct explore_outcome outcome;
    char message[256];

    limits.verifies = true;
    limits.states = STATES_MAX;
    if (!explore_world_open(&world, scenario, design, NULL, message, sizeof(message)))
        return; /* the scenario is not for this design */
    struct explore_subject subject = explore_world_subject(&world);
    explore_search(&subject, &limits, &outcome);
    explore_outcome_free(&outcome);
    explore_world_close(&world);
}

static void verify_file(const char *path, const char *memory)
{
    struct scenario scenario;
    struct diag diag;

    diag_init(&diag);
    assert_int_equal(scenario_load(&scenario, path, &memory, 1, &diag), SCENARIO_OK);
    diag_free(&diag);
    for (size_t i = 0; i < design_count(); i++) {
        const struct design *own = design_find(scenario.setup.hypervisor.design);
        if (design_at(i)->family != own->family || !own->family->has_footprints)
            continue;
        pid_t child = fork();
        int status;
        assert_true(child >= 0);
        if (child == 0) {
            verify(&scenario, design_at(i)->name);
            _exit(0);
        }
        assert_int_equal(waitpid(child, &status, 0), child);
        if (status != 0)
            fail_msg("%s %s %s", path, design_at(i)->name, memory);
    }
    scenario_free(&scenario);
}

static void left_out_steps_lead_to_known_states(void **state)
{
    static const char *const patterns[] = { SOURCE_DIR "/scenarios/explore-*.yaml",
                                            SOURCE_DIR "/tests/explore/*.yaml" };

    (void)state;
    EXPLORE_OR_SKIP();
    for (size_t pattern = 0; pattern < sizeof(patterns) / sizeof(patterns[0]); pattern++) {
        glob_t files;
        assert_int_equal(glob(patterns[pattern], 0, NULL, &files), 0);
        for (size_t i = 0; i < files.gl_pathc; i++) {
            verify_file(files.gl_pathv[i], "run.memory=sc");
            verify_file(files.gl_pathv[i], "run.memory=tso");
        }
        globfree(&files);
    }
}

int main(void)
{
    const struct CMUnitTest tests[] = { cmocka_unit_test(left_out_steps_lead_to_known_states) };

    return cmocka_run_group_tests_name("explore_verified", tests, NULL, NULL);
}
