/* SPDX-License-Identifier: Apache-2.0
 *
 * Runs the machines of a scenario's `sample` section, each in every cell of the matrix, and writes one table: CSV with
 * a row for each machine, which has the drawn values and then the metrics of every cell. A machine has the same draws
 * and the same seed in all cells.
 *
 * Rows are written in the order of the machines, so that a table is the same for any number of threads, and a table
 * that was interrupted is a prefix of the whole one. The first line is a comment with a fingerprint of what was drawn
 * from.
 */
#ifndef SWEEP_POPULATION_H
#define SWEEP_POPULATION_H

#include <stdbool.h>
#include <stddef.h>

#include "sweep/sweep.h"

struct population {
    const struct scenario *scenario; /* with a sample */
    const char *directory;           /* must exist */
    size_t shard, shard_count;       /* machines with index % shard_count == shard */
    size_t threads;                  /* 0: one per core */
    struct watcher *watcher;
};

struct population_outcome {
    size_t machines;    /* in this shard */
    size_t found, done; /* rows that were there; rows written by this call */
    bool was_cancelled;
};

/* Runs the machines whose rows are missing. A line without its end is written again. SWEEP_REFUSED: the table is one of
 * another sample, or a machine is no valid scenario. */
enum sweep_status population_run(const struct population *population, struct population_outcome *outcome, char *message,
                                 size_t message_bytes);

/* Returns DIRECTORY/table.csv, or the name of a shard's table. The caller frees it. */
char *population_path(const char *directory, size_t shard, size_t shard_count);

/* Writes the rows of all tables in the directory to one file, in the order of the machines. Fails if a machine between
 * the first and the last one is missing, or if the tables are of different samples. */
bool population_merge(const char *directory, const char *file, bool force, char *message, size_t message_bytes);

/* Returns whether the directory has a table. */
bool population_is_there(const char *directory);

#endif
