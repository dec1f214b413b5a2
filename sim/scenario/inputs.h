/* SPDX-License-Identifier: Apache-2.0
 *
 * What a scenario reads besides its own file: machine files, times of arrivals, topologies. Each is read once and kept,
 * for the scenario and for all that are reloaded from it: a reloaded scenario depends on nothing but the first load and
 * its sets. Any number of threads may ask.
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
void inputs_free(struct inputs *inputs); /* NULL: nothing */

/* text_file_read of a file that is named by its path, unless it has been read already. On TEXT_FILE_OK *text is
 * terminated and lives as long as `inputs`. */
enum text_file_status inputs_text(struct inputs *inputs, const char *path, struct place place, struct diag *diag,
                                  const char **text, size_t *bytes);

/* Whether inputs_text would find the file without reading it. */
bool inputs_has_text(struct inputs *inputs, const char *path);

/* topology_load, unless this topology has been loaded already. Lives as long as `inputs`; NULL with a message. */
const struct topology *inputs_topology(struct inputs *inputs, const char *text, enum interconnect interconnect,
                                       char *message, size_t message_bytes);

#endif
