/* SPDX-License-Identifier: Apache-2.0
 *
 * Watches long work from a thread of its own: one line on stderr that tells how far it is, and the signals that end it.
 * SIGINT and SIGTERM set a flag that the work polls, a second one ends the program at once; SIGUSR1 prints a line.
 * On a terminal the line is redrawn, otherwise one is printed every ten seconds; --quiet has none.
 */
#ifndef PROGRESS_H
#define PROGRESS_H

#include <pthread.h>
#include <signal.h>
#include <stdatomic.h>
#include <stdbool.h>
#include <stddef.h>

#include "simulation/watcher.h"

#define PROGRESS_LINE_BYTES 160

struct progress {
    struct watcher watcher;
    struct watched_runs work;
    double start_seconds;
    /* Writes the line of now, without newline; called in the watcher's thread. */
    void (*describe)(void *context, char *line, size_t line_bytes);
    void *context;
    bool is_quiet, is_terminal;
    sigset_t watched, old_mask;
    pthread_t thread;
};

/* progress->watcher may then watch many runs, once: a line of how many are done. */
void progress_init(struct progress *progress, bool is_quiet);

/* One run, or other work. From here to progress_stop the signals are blocked in the calling thread and in those it
 * creates. */
void progress_start(struct progress *progress, bool is_quiet,
                    void (*describe)(void *context, char *line, size_t line_bytes), void *context);

/* Clears the line. True when the work was cancelled. */
bool progress_stop(struct progress *progress);

/* Seconds since an unspecified moment. */
double progress_seconds(void);

/* "42 s", "3 min", "2 h 05 min": what is left if the rest takes as long as what is done. */
void progress_eta(double elapsed_seconds, double done_fraction, char *text, size_t text_bytes);

#endif
