/* SPDX-License-Identifier: Apache-2.0
 *
 * Explores every shipped exploration with explore_limits.verifies.
 */
#ifndef TESTS_EXPLORE_VERIFIED_H
#define TESTS_EXPLORE_VERIFIED_H

#include <glob.h>
#include <stdlib.h>

#include "base/diag.h"
#include "death.h"
#include "explore/explore.h"
#include "explore/state.h"
#include "models/registry.h"
#include "scenario/scenario.h"

/* Returns the number of states. */
static inline uint64_t verified_design(struct scenario *scenario, const struct design *design, uint64_t states)
{
    struct explore_limits limits = explore_default_limits;
    struct explore_outcome outcome;
    char message[256];

    limits.states = states;
    limits.verifies = true;
    if (!explore_scenario(scenario, design->name, &limits, NULL, &outcome, message, sizeof(message)))
        fail_msg("%s, %s: %s", scenario->name, design->name, message);
    states = outcome.states;
    explore_outcome_free(&outcome);
    return states;
}

typedef uint64_t verified_explore(struct scenario *scenario, const struct design *design, uint64_t limit);

static inline uint64_t verified_scenario(const char *path, uint64_t limit, verified_explore *explore)
{
    struct scenario *scenario = malloc(sizeof(*scenario));
    struct diag diag;
    uint64_t sum = 0;

    assert_non_null(scenario);
    diag_init(&diag);
    if (scenario_load(scenario, path, NULL, 0, &diag) != SCENARIO_OK)
        fail_msg("%s: refused", path);
    diag_free(&diag);
    const struct family *family = design_find(scenario->setup.hypervisor.design)->family;
    for (size_t i = 0; i < design_count(); i++)
        for (int memory = MEMORY_SC; memory <= MEMORY_TSO && design_at(i)->family == family; memory++) {
            scenario->setup.run.memory = (enum memory_model)memory;
            sum += explore(scenario, design_at(i), limit);
        }
    scenario_free(scenario);
    free(scenario);
    return sum;
}

/* All designs of the family of each scenario, under both memories. */
static inline void verified_all(uint64_t limit, verified_explore *explore)
{
    static const char *const patterns[] = { SOURCE_DIR "/scenarios/explore-*.yaml",
                                            SOURCE_DIR "/scenarios/vfio-explore-*.yaml",
                                            SOURCE_DIR "/scenarios/nvme-explore.yaml" };
    uint64_t sum = 0;
    glob_t found;

    if (!explore_state_is_supported())
        skip();
    for (size_t i = 0; i < sizeof(patterns) / sizeof(*patterns); i++)
        assert_int_equal(glob(patterns[i], i > 0 ? GLOB_APPEND : 0, NULL, &found), 0);
    for (size_t i = 0; i < found.gl_pathc; i++)
        sum += verified_scenario(found.gl_pathv[i], limit, explore);
    globfree(&found);
    assert_true(sum > 10000);
}

static inline void explore_verified(void **state) { verified_all(*(const uint64_t *)*state, verified_design); }

#endif
