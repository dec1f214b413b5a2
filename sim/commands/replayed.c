/* SPDX-License-Identifier: Apache-2.0
 *
 * See replayed.h.
 */
#include "commands/replayed.h"

#include <stdlib.h>
#include <string.h>

#include "base/check.h"
#include "base/diag.h"
#include "code/object.h"
#include "code/races.h"
#include "scenario/scenario.h"

/* A trace is one of a certain object. */
static bool is_of_code(const struct cli *cli, const char *path, const struct replay *replay,
                       const struct code_object *code)
{
    if (replay->code == NULL && code == NULL)
        return true;
    if (replay->code == NULL)
        cli_error(cli, "%s: the interleaving is one of no code object: --code cannot be used", path);
    else if (strcmp(replay->code, code->hash) != 0)
        cli_error(cli, "%s: the interleaving is one of the code object %s; %s is %s (--code names another file)", path,
                  replay->code, code->path, code->hash);
    else
        return true;
    return false;
}

bool replayed_open_code(const struct cli *cli, const char *path, const struct replay *replay,
                        const struct code_object **code)
{
    struct cli with_code = *cli;

    if (cli->code == NULL)
        with_code.code = replay->code_path;
    if (cli_open_code(&with_code, code))
        return is_of_code(cli, path, replay, *code);
    if (cli->code == NULL && replay->code != NULL)
        cli_error(cli, "%s: the interleaving is one of the code object %s, which was %s: --code names it elsewhere",
                  path, replay->code, replay->code_path);
    return false;
}

/* The races of the scenario's code object, of which those accesses are steps that were steps of the search. */
static struct races *races_of(const struct scenario *scenario, const struct replay *replay)
{
    struct races *races = explore_races_new(scenario, replay->are_all_steps);

    for (size_t i = 0; i < replay->access_count; i++)
        races_add_step(races, replay->accesses[i]);
    return races;
}

static int record_world(const struct cli *cli, const char *path, const struct scenario *scenario,
                        const struct replay *replay, struct replay_log *log)
{
    struct races *races = races_of(scenario, replay);
    struct explore_world world;
    char message[512];
    int status = EXIT_CODE_USAGE;

    if (!explore_world_open(&world, scenario, replay->design, races, message, sizeof(message))) {
        cli_error(cli, "%s: %s", path, message);
        races_free(races);
        return status;
    }
    if (!replay_record(&world, replay->trace, replay->trace_count, log))
        cli_error(cli, "%s: the trace does not fit this version of %s: step %zu cannot be taken", path, replay->design,
                  log->step_count + 1);
    else if (!replay_is_confirmed(&world, replay->kind))
        cli_error(cli, "%s: in this version of %s the trace does not lead to %s any more", path, replay->design,
                  replay->kind);
    else
        status = EXIT_CODE_OK;
    if (status != EXIT_CODE_OK)
        replay_log_free(log);
    explore_world_close(&world);
    races_free(races);
    return status;
}

int replayed_record(const struct cli *cli, const char *path, const struct replay *replay,
                    const struct code_object *code, struct replay_log *log)
{
    struct scenario *scenario = malloc(sizeof(*scenario));
    struct diag diag;
    int status = EXIT_CODE_USAGE;

    CHECK(scenario != NULL);
    diag_init(&diag);
    if (cli_design_exists(cli, replay->design)) {
        enum scenario_status loaded =
            scenario_load_text(scenario, path, replay->scenario, strlen(replay->scenario), NULL, 0, &diag);
        if (loaded == SCENARIO_OK) {
            scenario->setup.code = code;
            status = record_world(cli, path, scenario, replay, log);
            scenario_free(scenario);
        } else {
            status = cli_scenario_code(loaded);
            cli_error(cli, "%s: the scenario in it is refused: %s", path,
                      diag.message_count > 0 ? diag.messages[0].text : "no reason given");
        }
    }
    diag_free(&diag);
    free(scenario);
    return status;
}

int replayed_json(const struct cli *cli, const char *path, const struct replay *replay, json_t **json)
{
    const struct code_object *code = NULL;
    struct replay_log log;

    if (!replayed_open_code(cli, path, replay, &code))
        return EXIT_CODE_USAGE;
    int status = replayed_record(cli, path, replay, code, &log);
    if (status != EXIT_CODE_OK)
        return status;
    *json = replay_to_json(replay, &log, code);
    replay_log_free(&log);
    return EXIT_CODE_OK;
}
