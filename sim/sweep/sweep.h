/* SPDX-License-Identifier: Apache-2.0
 *
 * Runs the cells of a plan, or one shard of them, in parallel. The result of each cell is written atomically to its own
 * file. A cell whose file exists is not run again, so a sweep that was killed can be continued, and the directory has
 * the same contents in the end.
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
    const char *directory;     /* must exist */
    size_t shard, shard_count; /* cells with index % shard_count == shard */
    size_t threads;            /* 0: one per core */
    struct watcher *watcher;
};

struct sweep_outcome {
    size_t cells;       /* in this shard */
    size_t found, done; /* finished before; run by this call */
    size_t damaged;     /* how many of `done` replaced a damaged file */
    bool was_cancelled;
};

enum sweep_status {
    SWEEP_OK,
    SWEEP_REFUSED,    /* a foreign cell, or a setup that the simulation rejects: exit code 2 */
    SWEEP_UNWRITABLE, /* exit code 4 */
    SWEEP_INCOMPLETE, /* cells or the plan are missing: exit code 4 */
};

/* Runs the cells that are not done. The message explains any status but SWEEP_OK. */
enum sweep_status sweep_run(const struct sweep *sweep, struct sweep_outcome *outcome, char *message,
                            size_t message_bytes);

/* Appends the results of all cells in the directory's plan, in its order. When cells are missing, the message gives
 * their number and names the first one; a cell of another scenario or another build is refused. */
enum sweep_status sweep_merge(const char *directory, struct result_set *set, char *message, size_t message_bytes);

/* Reads the results that RESULT on a command line means: a result file, "-", or the directory of a complete sweep. */
bool sweep_read_results(const char *path, struct result_set *set, char *message, size_t message_bytes);

#endif
