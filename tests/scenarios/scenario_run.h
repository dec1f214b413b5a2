/* SPDX-License-Identifier: Apache-2.0
 *
 * Runs a scenario of scenarios/ in the test's own process, with overrides.
 */
#ifndef SCENARIO_RUN_H
#define SCENARIO_RUN_H

#include <stdio.h>

#include "simulation/run.h"
#include "scenario/scenario.h"

#define SCENARIO_RUN_SETS 8

/* `sets` ends with NULL or with the array. */
static inline void scenario_run(struct result *result, const char *path, const char *design,
                                const char *const sets[SCENARIO_RUN_SETS])
{
    struct scenario scenario, with_design;
    struct diag diag;
    char message[512] = "", file[400];
    size_t count = 0;

    while (count < SCENARIO_RUN_SETS && sets[count] != NULL)
        count++;
    snprintf(file, sizeof file, "%s%s", path[0] == '/' ? "" : SOURCE_DIR "/scenarios/", path);
    diag_init(&diag);
    if (scenario_load(&scenario, file, sets, count, &diag) != SCENARIO_OK ||
        scenario_design_load(&with_design, &scenario, design != NULL ? design : scenario.setup.hypervisor.design,
                             &diag) != SCENARIO_OK) {
        diag_print(&diag, stderr, false);
        fail_msg("%s does not load", file);
    }
    diag_free(&diag);
    if (!run_scenario(&with_design, with_design.setup.run.seed, NULL, result, message, sizeof message))
        fail_msg("%s under %s: %s", file, design, message);
    scenario_free(&with_design);
    scenario_free(&scenario);
}

#endif
