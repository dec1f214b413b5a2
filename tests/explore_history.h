/* SPDX-License-Identifier: Apache-2.0
 *
 * Explores the scenarios of a directory, one for each historical bug before and after its fix, and holds them to what
 * they expect. A violation's trace must lead there again.
 */
#ifndef TESTS_EXPLORE_HISTORY_H
#define TESTS_EXPLORE_HISTORY_H

#include <glob.h>
#include <stdio.h>
#include <stdlib.h>
#include <time.h>

#include "base/diag.h"
#include "death.h"
#include "explore/explore.h"
#include "explore/replay.h"
#include "explore/state.h"
#include "explore/verdicts.h"
#include "scenario/scenario.h"

static inline double history_cpu_seconds(void)
{
    struct timespec now;

    clock_gettime(CLOCK_PROCESS_CPUTIME_ID, &now);
    return (double)now.tv_sec + (double)now.tv_nsec * 1e-9;
}

static inline bool history_replays(const struct scenario *scenario, const struct explore_outcome *outcome)
{
    struct explore_world world;
    char message[256];
    FILE *nowhere = fopen("/dev/null", "w");
    bool is_good = nowhere != NULL && explore_world_open(&world, scenario, scenario->setup.hypervisor.design, NULL,
                                                         message, sizeof(message));

    assert_true(is_good);
    is_good = explore_replay_print(&world, outcome->trace, outcome->trace_count, nowhere);
    explore_world_close(&world);
    (void)fclose(nowhere);
    return is_good;
}

/* True when it is as expected. */
static inline bool history_explore(const char *path, double seconds_max)
{
    struct scenario *scenario = malloc(sizeof(*scenario));
    struct explore_outcome outcome;
    struct diag diag;
    char message[256] = "";
    double start = history_cpu_seconds();

    assert_non_null(scenario);
    diag_init(&diag);
    if (scenario_load(scenario, path, NULL, 0, &diag) != SCENARIO_OK)
        fail_msg("%s: refused", path);
    diag_free(&diag);
    if (!explore_scenario(scenario, scenario->setup.hypervisor.design, &explore_default_limits, NULL, &outcome, message,
                          sizeof(message)))
        fail_msg("%s: %s", path, message);
    bool is_good =
        scenario->explore_expectation != NULL && explore_is_expected(&outcome, scenario->explore_expectation);
    if (!is_good)
        print_error("%s: expected %s, found %s %s\n", path,
                    scenario->explore_expectation != NULL ? scenario->explore_expectation : "nothing",
                    outcome.verdict == EXPLORE_VIOLATION ? violation_name(outcome.violation.kind) : "no violation",
                    outcome.violation.text);
    if (outcome.verdict == EXPLORE_VIOLATION && !history_replays(scenario, &outcome)) {
        print_error("%s: the trace does not lead there again\n", path);
        is_good = false;
    }
    if (history_cpu_seconds() - start > seconds_max) {
        print_error("%s: takes %.1f s\n", path, history_cpu_seconds() - start);
        is_good = false;
    }
    explore_outcome_free(&outcome);
    scenario_free(scenario);
    free(scenario);
    return is_good;
}

/* How many there were. */
static inline size_t history_explore_all(const char *pattern, double seconds_max)
{
    glob_t found;
    size_t count = 0, bad = 0;

    if (glob(pattern, 0, NULL, &found) != 0)
        return 0;
    for (; count < found.gl_pathc; count++)
        bad += !history_explore(found.gl_pathv[count], seconds_max);
    globfree(&found);
    if (bad > 0)
        fail_msg("%zu of %zu", bad, count);
    return count;
}

#endif
