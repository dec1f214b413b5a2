/* SPDX-License-Identifier: Apache-2.0
 *
 * Runs what an experiment asks for, and collects the rows. Each scenario of each run has a directory of cells, which is
 * named by what decides them: the program, and the resolved scenarios. What is there is not run again, so that an
 * experiment that was interrupted goes on, and several machines may work on parts of it in one directory.
 */
#ifndef EXPERIMENT_PERFORM_H
#define EXPERIMENT_PERFORM_H

#include "experiment/rows.h"
#include "simulation/watcher.h"

struct perform {
    struct experiment *experiment;
    const char *directory;                   /* of the cells; must exist */
    const char *program;                     /* its build ID: another build may come to other results */
    size_t shard, shard_count;               /* cells with index % shard_count == shard */
    size_t threads;                          /* 0: one per core */
    struct watcher *(*watch)(void *context); /* a watcher for the next scenario */
    /* Called before and after an exploration, which ends early when is_interrupted becomes true. */
    void (*watch_signals)(void *context, bool is_beginning);
    bool (*is_interrupted)(void);
    void (*note)(void *context, const char *text);
    void *context;
};

enum perform_status {
    PERFORM_OK,
    PERFORM_PARTIAL,     /* this shard is done, others are not: the message counts what is missing */
    PERFORM_INTERRUPTED, /* exit code 130 */
    PERFORM_INVALID,     /* exit code 2: errors in diag, or a message */
    PERFORM_UNWRITABLE,  /* exit code 4 */
};

/* Runs everything and fills the rows, without what is derived. */
enum perform_status perform_experiment(const struct perform *perform, struct experiment_rows *rows, struct diag *diag,
                                       char *message, size_t message_bytes);

/* Makes a directory, and those above it, unless they are there. False with a message that names the one it is about. */
bool perform_make_directory(const char *path, char *message, size_t message_bytes);

/* Explores every cell of a scenario of a run into the directory, and adds the rows (explored.c). */
enum perform_status perform_exploration(const struct perform *perform, size_t run, const struct scenario *scenario,
                                        const char *directory, struct experiment_rows *rows, char *message,
                                        size_t message_bytes);

/* Adds the rows of all runs of indices, once the other runs have theirs (indices.c). */
void perform_indices(struct experiment *experiment, struct experiment_rows *rows);

/* Adds the rows of the CSV of a measured run (measured.c). */
enum perform_status perform_measured(const struct perform *perform, size_t run, struct experiment_rows *rows,
                                     char *message, size_t message_bytes);

#endif
