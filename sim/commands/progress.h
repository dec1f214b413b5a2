/* SPDX-License-Identifier: Apache-2.0
 *
 * Watches long work from its own thread: prints its progress to stderr and handles the signals that stop it. SIGINT,
 * SIGTERM and SIGHUP, unless it is ignored, set a flag that the work polls; a second SIGINT or SIGTERM ends the program
 * immediately; SIGUSR1 prints a line. On a terminal the line is redrawn, otherwise a line is printed every ten seconds;
 * with --quiet none is printed.
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
    /* Writes the current line, without a newline. Called in the watching thread. */
    void (*describe)(void *context, char *line, size_t line_bytes);
    void *context;
    bool is_quiet, is_terminal;
    sigset_t watched, old_mask;
    pthread_t thread;
};

/* Initialises progress->watcher, which may then be used once; it shows how many runs are done. */
void progress_init(struct progress *progress, bool is_quiet);

/* Starts to watch a run or other work, of which `describe` writes the line. Until progress_stop the signals are blocked
 * in the calling thread and in the threads that it creates. */
void progress_start(struct progress *progress, bool is_quiet,
                    void (*describe)(void *context, char *line, size_t line_bytes), void *context);

/* Stops watching and clears the line. Returns whether the work was cancelled. */
bool progress_stop(struct progress *progress);

/* Returns monotonic time in seconds. */
double progress_seconds(void);

/* Writes the estimated remaining time, "42 s", "3 min" or "2 h 05 min", if the work continues at the same speed. */
void progress_eta(double elapsed_seconds, double done_fraction, char *text, size_t text_bytes);

#endif
