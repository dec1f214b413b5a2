/* SPDX-License-Identifier: Apache-2.0
 *
 * A cache of the files that a scenario reads in addition to its own: machine files, arrival times, topologies. Each
 * file is read once, for the scenario and for all scenarios that are reloaded from it, so that a reloaded scenario
 * depends only on the first load and its overrides. All functions but inputs_free may be called from any thread.
 */
#ifndef SCENARIO_INPUTS_H
#define SCENARIO_INPUTS_H

#include <stdbool.h>
#include <stddef.h>

#include "base/diag.h"
#include "machine/topology.h"
#include "scenario/text_file.h"

struct inputs;

struct inputs *inputs_new(void);
void inputs_free(struct inputs *inputs); /* may be NULL */

/* Returns the text of a file, and reads the file with text_file_read if it is not in the cache. On TEXT_FILE_OK *text
 * is terminated by a zero byte and belongs to `inputs`. */
enum text_file_status inputs_text(struct inputs *inputs, const char *path, struct place place, struct diag *diag,
                                  const char **text, size_t *bytes);

/* Returns whether the text of the file is in the cache. */
bool inputs_has_text(struct inputs *inputs, const char *path);

/* Calls `visit` with the path and the text of every file in the cache, in ascending order of the paths. */
void inputs_each_text(struct inputs *inputs,
                      void (*visit)(void *context, const char *path, const char *text, size_t bytes), void *context);

/* Returns a topology, and loads it with topology_load if it is not in the cache. It belongs to `inputs`. On failure
 * returns NULL with a message, and with errno as topology_load leaves it. */
const struct topology *inputs_topology(struct inputs *inputs, const char *text, enum interconnect interconnect,
                                       char *message, size_t message_bytes);

#endif
