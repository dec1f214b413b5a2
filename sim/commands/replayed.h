/* SPDX-License-Identifier: Apache-2.0
 *
 * Replay files on the command line: reads one, finds its code object and takes its steps. Errors are printed, and name
 * the file.
 */
#ifndef COMMANDS_REPLAYED_H
#define COMMANDS_REPLAYED_H

#include "commands/cli.h"
#include "explore/replay.h"

struct code_object;

/* Opens the object of --code, or the one where it was when the file was written, and checks that the replay is one of
 * it. *code is NULL where the replay is one of no object. False after an error. */
bool replayed_open_code(const struct cli *cli, const char *path, const struct replay *replay,
                        const struct code_object **code);

/* Takes the steps, in a world of the replay's scenario, and checks that they still lead to the violation. Returns an
 * enum exit_code; after EXIT_CODE_OK the caller frees the log. */
int replayed_record(const struct cli *cli, const char *path, const struct replay *replay,
                    const struct code_object *code, struct replay_log *log);

/* All of it, as the document of replay_to_json, which the caller releases after EXIT_CODE_OK. */
int replayed_json(const struct cli *cli, const char *path, const struct replay *replay, json_t **json);

#endif
