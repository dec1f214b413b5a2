/* SPDX-License-Identifier: Apache-2.0
 *
 * Runs the cells of a plan, or one shard of them, on all cores. Each cell ends in a file of its own that appears whole;
 * a cell whose file is there is not run again, so a sweep that was killed goes on where it stopped, and the directory
 * holds the same bytes in the end.
 */
#ifndef SWEEP_SWEEP_H
#define SWEEP_SWEEP_H

#include <stdbool.h>
#include <stddef.h>

#include "sweep/plan.h"

struct scenario;
struct watcher;

struct sweep {
    const struct scenario *scenario;
    const struct sweep_plan *plan;
    const char *directory;     /* exists */
    size_t shard, shard_count; /* cells with index % shard_count == shard */
    size_t threads;            /* 0: one a core */
    struct watcher *watcher;
};

struct sweep_outcome {
    size_t cells;       /* of this shard */
    size_t found, done; /* there before; run now */
    size_t damaged;     /* of `done`: replaced a file that could not be used */
    bool was_cancelled;
};

enum sweep_status {
    SWEEP_OK,
    SWEEP_REFUSED,    /* a foreign cell, or a model that refuses its setup: exit code 2 */
    SWEEP_UNWRITABLE, /* exit code 4 */
};

enum sweep_status sweep_run(const struct sweep *sweep, struct sweep_outcome *outcome, char *message,
                            size_t message_bytes);

/* Appends all cells of the directory's plan, in its order. False, with a message that counts what is missing and names
 * the first, when one is not done. */
bool sweep_merge(const char *directory, struct result_set *set, char *message, size_t message_bytes);

/* What a command line calls a RESULT: a result file, "-", or the directory of a complete sweep. */
bool sweep_read_results(const char *path, struct result_set *set, char *message, size_t message_bytes);

#endif
