/* SPDX-License-Identifier: Apache-2.0
 *
 * One interleaving again: taken step by step, with everything that its steps say about themselves; and as a file.
 */
#ifndef EXPLORE_REPLAY_H
#define EXPLORE_REPLAY_H

#include <stdio.h>

#include "explore/explore.h"

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

#define REPLAY_DEVICES UINT32_MAX /* instead of a pCPU: the devices, IPIs under way, guests */

struct replay_note {
    size_t step;    /* from 0 */
    uint32_t place; /* pCPU, or REPLAY_DEVICES */
    char *text;
};

/* A lock held from one step to another. */
struct replay_hold {
    char *lock;
    uint32_t cpu;
    size_t from, to; /* steps; `to` is the number of steps when it is still held in the end */
};

struct replay_log {
    uint32_t cpu_count;
    uint32_t *actors; /* [step_count]: who took the step, as a place */
    size_t step_count;
    struct replay_note *notes; /* in order */
    size_t note_count;
    struct replay_hold *holds; /* in order of their beginning */
    size_t hold_count;
};

/* Takes the steps from a world just opened. False when one of them is not pending: the trace is of another model or
 * scenario; the log has the steps before it. */
bool replay_record(struct explore_world *world, const uint16_t *trace, size_t count, struct replay_log *log);
void replay_log_free(struct replay_log *log);

/* Whether the world, its steps taken, is where the violation is; true of kinds that no state shows by itself. */
bool replay_is_confirmed(const struct explore_world *world, const char *kind);

/* A row a step: a column for the devices and one for each pCPU. */
void replay_print_columns(const struct replay_log *log, FILE *stream);

/* A line for each run of steps of one pCPU. */
void replay_print_brief(const struct replay_log *log, FILE *stream);

/* {"design", "kind", "text", "steps": [{"step", "actor", "notes": [{"place", "text"}]}], "locks": [...]} */
void replay_print_json(const struct replay *replay, const struct replay_log *log, FILE *stream);

/* A sequence diagram: a lane for the devices, the guests, each pCPU; time goes down. */
void replay_print_svg(const struct replay *replay, const struct replay_log *log, FILE *stream);

/* replay_record and replay_print_columns. */
bool explore_replay_print(struct explore_world *world, const uint16_t *trace, size_t count, FILE *stream);

#endif
