/* SPDX-License-Identifier: Apache-2.0
 *
 * plain_fields EXPLAINED LIST: explores scenarios with models whose every access of a plain field is recorded, and
 * prints each field that two CPUs, or a handler and what it interrupts, access with nothing that orders them, unless
 * the file EXPLAINED says why that is right. A line of LIST is a scenario's path, a design and what is set in it; '#'
 * begins a comment. Exit code: 1 for such a field, or for a row of EXPLAINED that explains nothing.
 */
#include <stdio.h>
#include <string.h>

#include "base/diag.h"
#include "explore/explore.h"
#include "plain/names.h"
#include "plain/pairs.h"
#include "plain/program.h"
#include "plain/record.h"
#include "scenario/scenario.h"

enum { SETS_MAX = 8, STATES_MAX = 100000 };

static bool explore(const struct scenario *scenario, const char *design)
{
    struct explore_limits limits = explore_default_limits;
    struct explore_outcome outcome;
    struct explore_world world;
    char message[256];

    plain_objects_clear();
    if (!explore_world_open(&world, scenario, design, NULL, message, sizeof(message))) {
        fprintf(stderr, "%s, %s: %s\n", scenario->name, design, message);
        return false;
    }
    struct explore_subject subject = explore_world_subject(&world);
    limits.jobs = 1;
    limits.states = STATES_MAX;
    plain_watch(&world);
    explore_search(&subject, &limits, &outcome);
    pairs_add(scenario->name);
    plain_watch_end();
    explore_outcome_free(&outcome);
    explore_world_close(&world);
    return true;
}

static bool line_explore(char *line)
{
    char *rest = line, *path = strtok_r(line, " \n", &rest), *design = strtok_r(NULL, " \n", &rest);
    const char *sets[SETS_MAX];
    size_t set_count = 0;
    struct scenario scenario;
    struct diag diag;

    if (path == NULL || design == NULL || path[0] == '#')
        return true;
    while (set_count < SETS_MAX && (sets[set_count] = strtok_r(NULL, " \n", &rest)) != NULL)
        set_count++;
    diag_init(&diag);
    bool is_loaded = scenario_load(&scenario, path, sets, set_count, &diag) == SCENARIO_OK;
    if (!is_loaded)
        diag_print(&diag, stderr, false);
    diag_free(&diag);
    if (!is_loaded)
        return false;
    bool is_done = explore(&scenario, design);
    scenario_free(&scenario);
    return is_done;
}

int main(int argc, char **argv)
{
    char line[500];
    bool is_done = true;
    FILE *list = argc == 3 ? fopen(argv[2], "r") : NULL;

    if (list == NULL) {
        fputs("usage: plain_fields EXPLAINED LIST\n", stderr);
        return 2;
    }
    program_open();
    while (is_done && fgets(line, sizeof(line), list) != NULL)
        is_done = line_explore(line);
    fclose(list);
    size_t found = is_done ? pairs_print(argv[1], stdout) : 0;
    program_close();
    return !is_done ? 2 : found > 0 ? 1 : 0;
}
