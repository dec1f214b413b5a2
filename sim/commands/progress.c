/* SPDX-License-Identifier: Apache-2.0
 *
 * The signals are blocked everywhere and fetched by the watcher, so that no handler and no global is needed.
 */
#define _GNU_SOURCE
#include "commands/progress.h"

#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <time.h>
#include <unistd.h>

#include "base/check.h"
#include "commands/cli.h"

static void *watch(void *argument);

void progress_start(struct progress *progress, bool is_quiet,
                    void (*describe)(void *context, char *line, size_t line_bytes), void *context)
{
    const char *terminal = getenv("TERM");

    *progress = (struct progress){ .describe = describe, .context = context, .is_quiet = is_quiet };
    atomic_init(&progress->is_cancelled, false);
    progress->is_terminal = isatty(STDERR_FILENO) && terminal != NULL && strcmp(terminal, "dumb") != 0;
    sigemptyset(&progress->watched);
    sigaddset(&progress->watched, SIGINT);
    sigaddset(&progress->watched, SIGTERM);
    sigaddset(&progress->watched, SIGUSR1);
    sigaddset(&progress->watched, SIGRTMIN); /* the work is over */
    CHECK(pthread_sigmask(SIG_BLOCK, &progress->watched, &progress->old_mask) == 0);
    CHECK(pthread_create(&progress->thread, NULL, watch, progress) == 0);
}

bool progress_stop(struct progress *progress)
{
    CHECK(pthread_kill(progress->thread, SIGRTMIN) == 0);
    CHECK(pthread_join(progress->thread, NULL) == 0);
    if (progress->is_terminal && !progress->is_quiet)
        fputs("\r\033[K", stderr);
    CHECK(pthread_sigmask(SIG_SETMASK, &progress->old_mask, NULL) == 0);
    return atomic_load(&progress->is_cancelled);
}

static void print_line(struct progress *progress, bool is_redrawn)
{
    char line[PROGRESS_LINE_BYTES] = "";
    progress->describe(progress->context, line, sizeof line);
    fprintf(stderr, is_redrawn ? "\r%s\033[K" : "irqpath: %s\n", line);
    fflush(stderr);
}

static void cancel(struct progress *progress)
{
    if (atomic_exchange(&progress->is_cancelled, true))
        _exit(EXIT_CODE_INTERRUPTED);
    if (!progress->is_quiet)
        fputs(progress->is_terminal ? "\r\033[Kirqpath: stopping; once more ends at once\n" : "irqpath: stopping\n",
              stderr);
}

static void *watch(void *argument)
{
    struct progress *progress = argument;
    const struct timespec redraw_interval = { 0, 200000000 };
    double next_line = progress_seconds() + 10;

    for (;;) {
        int number = sigtimedwait(&progress->watched, NULL, &redraw_interval);
        if (number == SIGRTMIN)
            return NULL;
        if (number == SIGINT || number == SIGTERM) {
            cancel(progress);
        } else if (number == SIGUSR1) {
            print_line(progress, false);
        } else if (number < 0 && errno == EAGAIN && !progress->is_quiet) {
            if (progress->is_terminal) {
                print_line(progress, true);
            } else if (progress_seconds() >= next_line) {
                print_line(progress, false);
                next_line += 10;
            }
        }
    }
}

double progress_seconds(void)
{
    struct timespec now;
    clock_gettime(CLOCK_MONOTONIC, &now);
    return (double)now.tv_sec + (double)now.tv_nsec / 1e9;
}

void progress_eta(double elapsed_seconds, double done_fraction, char *text, size_t text_bytes)
{
    double left = done_fraction > 0 ? elapsed_seconds / done_fraction * (1 - done_fraction) : -1;

    if (left < 0 || left > 1e9)
        snprintf(text, text_bytes, "?");
    else if (left < 99.5)
        snprintf(text, text_bytes, "%.0f s", left);
    else if (left < 5970)
        snprintf(text, text_bytes, "%.0f min", left / 60);
    else
        snprintf(text, text_bytes, "%d h %02d min", (int)(left / 3600), (int)(left / 60) % 60);
}
