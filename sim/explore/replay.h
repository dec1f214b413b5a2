/* SPDX-License-Identifier: Apache-2.0
 *
 * One interleaving again: as columns for people, and as a file.
 */
#ifndef EXPLORE_REPLAY_H
#define EXPLORE_REPLAY_H

#include <stdio.h>

#include "explore/explore.h"

/* Takes the steps from a world just opened, and prints one row a step: a column for the devices and one for each pCPU.
 * False when a step is not pending: the trace is of another model or scenario. */
bool explore_replay_print(struct explore_world *world, const uint16_t *trace, size_t count, FILE *stream);

/* What a replay file holds. */
struct replay {
    char *scenario; /* resolved, as YAML */
    char *design;
    char *kind, *text; /* of the violation */
    uint16_t *trace;
    size_t trace_count;
};

bool replay_write(const struct replay *replay, const char *path, char *message, size_t message_bytes);
bool replay_read(struct replay *replay, const char *path, char *message, size_t message_bytes);
void replay_free(struct replay *replay);

#endif
