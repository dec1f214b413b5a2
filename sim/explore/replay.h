/* SPDX-License-Identifier: Apache-2.0
 *
 * Replays one interleaving step by step, records the notes that modelled code makes of its steps and the locks held,
 * and prints them. Also reads and writes replay files.
 */
#ifndef EXPLORE_REPLAY_H
#define EXPLORE_REPLAY_H

#include <jansson.h>
#include <stdio.h>

#include "explore/explore.h"

#define REPLAY_FILE_BYTES_MAX (64 << 20) /* a larger file is refused unread */

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
bool replay_write(const struct replay *replay, const char *path, bool force, char *message, size_t message_bytes);
bool replay_read(struct replay *replay, const char *path, char *message, size_t message_bytes);
void replay_free(struct replay *replay);

#define REPLAY_DEVICES UINT32_MAX /* the place of devices, IPIs in flight and guests, instead of a pCPU */

/* "cpu1", or "-" for the devices. Returns name. */
#define REPLAY_PLACE_BYTES 16
const char *replay_place_name(uint32_t place, char name[REPLAY_PLACE_BYTES]);

struct code_object;

struct replay_note {
    size_t step;    /* from 0 */
    uint32_t place; /* pCPU, or REPLAY_DEVICES */
    char *text;
};

/* A lock held, or waited for, from one step to another. */
struct replay_hold {
    char *lock;
    uint32_t cpu;
    size_t from, to; /* after step `from` and not any more after step `to`, which is the number of steps if never */
};

/* A word that a step changes or accesses, or memory of a code object that a step accesses. */
struct replay_word {
    char *name;
    char *value; /* before the first step, as in notes; NULL: not known before its first change */
};

/* A value that a step has changed, or has made known. */
struct replay_change {
    size_t step, word;
    char *value; /* after the step, as all CPUs see it */
};

/* A store that is in the store buffer of a pCPU after a step. Those of one step and pCPU are in their order. */
struct replay_store {
    size_t step;
    uint32_t cpu;
    char *word, *value;
};

/* Where the code object's code accesses memory in a step, or takes or releases a lock. */
struct replay_place {
    size_t step, offset; /* offset: in the image */
    uint32_t cpu;
    uint32_t line;
    char *file, *function; /* the file as the compiler was told, relative to the tree */
};

struct replay_log {
    uint32_t cpu_count;
    uint32_t *actors; /* [step_count]: the place that took the step */
    size_t step_count;
    struct replay_note *notes; /* ascending by step */
    size_t note_count;
    struct replay_hold *holds; /* ascending by first step */
    size_t hold_count;
    struct replay_hold *waits; /* ascending by first step */
    size_t wait_count;
    struct replay_word *words;
    size_t word_count;
    struct replay_change *changes; /* ascending by step; so are stores and places */
    size_t change_count;
    struct replay_store *stores;
    size_t store_count;
    struct replay_place *places;
    size_t place_count;
    bool has_store_buffers;
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

/* The whole log as a document; the caller releases it. Steps count from 1. Values are as in notes. A lock is held after
 * step n if from <= n < to.
 *   {"design", "kind", "text", "memory": "sc" | "tso", "cpus", "steps", "words", "locks", "waits", "sources"}
 *   words: [{"name", "value": before the first step, or null}]; locks: [{"lock", "holder", "from", "to"}];
 *   waits: [{"lock", "waiter", "from", "to"}]; sources: {FILE: {LINE: text}}
 *   steps: [{"step", "actor": "cpu0" or "-", "notes": [{"place", "text"}], "words": [{"word": index, "value"}],
 *            "stores": [{"cpu", "word", "value"}], "places": [{"cpu", "file", "line", "function"}]}]
 * "stores" only where some are in a store buffer, "places" and "sources" only of a code object. `code` (NULL: none) is
 * the object, whose tree has the sources: of a file that is newer than the object there are none. */
json_t *replay_to_json(const struct replay *replay, const struct replay_log *log, const struct code_object *code);

/* Prints it. */
void replay_print_json(const struct replay *replay, const struct replay_log *log, const struct code_object *code,
                       FILE *stream);

/* A sequence diagram in SVG with a lane for the devices, each pCPU and the guests; time runs downwards. */
void replay_print_svg(const struct replay *replay, const struct replay_log *log, FILE *stream);

/* Calls replay_record, then replay_print_columns. Returns the result of replay_record. */
bool explore_replay_print(struct explore_world *world, const uint16_t *trace, size_t count, FILE *stream);

#endif
