/* SPDX-License-Identifier: Apache-2.0
 *
 * Explores a machine_fixture whose programs a test has set, and hands over what came out.
 */
#ifndef TESTS_EXPLORE_FIXTURE_H
#define TESTS_EXPLORE_FIXTURE_H

#include <stdio.h>

#include "explore/search.h"
#include "explore/state.h"
#include "machine_fixture.h"
#include "properties/properties.h"

/* Sanitizers keep shadow copies of stacks: there is nothing to test then. */
#define EXPLORE_OR_SKIP() \
    do { \
        if (!explore_state_is_supported()) \
            skip(); \
    } while (0)

static inline void explore_open_as(struct fixture *fixture, struct explored *explored, uint32_t cpus,
                                   enum policy policy)
{
    char topology[64];

    (void)snprintf(topology, sizeof(topology), "package:1 [numa] core:%u pu:1", cpus);
    *explored = (struct explored){ .name_count = 0 };
    fixture_open(fixture, topology, &costs_nothing, policy, 1);
    fixture->engine.explored = explored;
}

static inline void explore_open(struct fixture *fixture, struct explored *explored, uint32_t cpus)
{
    explore_open_as(fixture, explored, cpus, POLICY_EXHAUSTIVE);
}

static inline void explore_run(struct fixture *fixture, const struct explore_limits *limits,
                               struct explore_outcome *outcome)
{
    struct explore_subject subject = {
        .engine = &fixture->engine,
        .machine = &fixture->machine,
        .explored = fixture->engine.explored,
        .properties = properties_all,
        .has_footprints = true,
    };

    machine_start(&fixture->machine);
    explore_search(&subject, limits, outcome);
}

static inline void explore_close(struct fixture *fixture)
{
    names_free(fixture->engine.explored);
    fixture_close(fixture);
}

#endif
