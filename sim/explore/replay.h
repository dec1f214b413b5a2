/* SPDX-License-Identifier: Apache-2.0
 *
 * Replays one interleaving step by step, records the notes that modelled code makes of its steps and the locks held,
 * and prints them. Also reads and writes replay files.
 */
#ifndef EXPLORE_REPLAY_H
#define EXPLORE_REPLAY_H

#include <stdio.h>

#include "explore/explore.h"

/* What a replay file holds. */
struct replay {
    char *scenario; /* resolved scenario, as YAML */
    char *design;
    char *kind, *text; /* of the violation */
    uint16_t *trace;
    size_t trace_count;
    char *code, *code_path; /* hash and path of the code object; NULL: none */
    bool are_all_steps;     /* every access of the code is a step */
    uint32_t *accesses;     /* of the code: the offsets in the arena whose plain accesses are steps */
    size_t access_count;
};

/* Sets are_all_steps and accesses from what was a step of the search besides atomics; the caller frees the accesses. */
void replay_keep_accesses(struct replay *replay, const struct races *races);

/* Writes or reads a replay file. False with a message on failure. After replay_read has succeeded, the caller frees the
 * replay with replay_free. */
bool replay_write(const struct replay *replay, const char *path, char *message, size_t message_bytes);
bool replay_read(struct replay *replay, const char *path, char *message, size_t message_bytes);
void replay_free(struct replay *replay);

#define REPLAY_DEVICES UINT32_MAX /* the place of devices, IPIs in flight and guests, instead of a pCPU */

struct replay_note {
    size_t step;    /* from 0 */
    uint32_t place; /* pCPU, or REPLAY_DEVICES */
    char *text;
};

/* A lock held from one step to another. */
struct replay_hold {
    char *lock;
    uint32_t cpu;
    size_t from, to; /* steps; `to` is the number of steps if the lock is never released */
};

struct replay_log {
    uint32_t cpu_count;
    uint32_t *actors; /* [step_count]: the place that took the step */
    size_t step_count;
    struct replay_note *notes; /* ascending by step */
    size_t note_count;
    struct replay_hold *holds; /* ascending by first step */
    size_t hold_count;
};

/* Takes the steps of the trace in a world that was just opened. Returns false when one of them is not pending, which
 * means that the trace belongs to another model or scenario; the log then holds the steps before it. The caller frees
 * the log with replay_log_free in both cases. */
bool replay_record(struct explore_world *world, const uint16_t *trace, size_t count, struct replay_log *log);
void replay_log_free(struct replay_log *log);

/* Whether the replayed world shows a violation of that kind. Endless waits and lock-order cycles do not show in a
 * single state; for them the function only asks that no other violation was reported. May step the world on. */
bool replay_is_confirmed(struct explore_world *world, const char *kind);

/* One row for each step, with a column for the devices and one for each pCPU. */
void replay_print_columns(const struct replay_log *log, FILE *stream);

/* One line for each run of consecutive steps of one pCPU. */
void replay_print_brief(const struct replay_log *log, FILE *stream);

/* {"design", "kind", "text", "steps": [{"step", "actor", "notes": [{"place", "text"}]}], "locks": [...]} */
void replay_print_json(const struct replay *replay, const struct replay_log *log, FILE *stream);

/* A sequence diagram in SVG with a lane for the devices, each pCPU and the guests; time runs downwards. */
void replay_print_svg(const struct replay *replay, const struct replay_log *log, FILE *stream);

/* Calls replay_record, then replay_print_columns. Returns the result of replay_record. */
bool explore_replay_print(struct explore_world *world, const uint16_t *trace, size_t count, FILE *stream);

#endif
