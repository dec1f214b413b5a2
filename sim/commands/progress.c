/* SPDX-License-Identifier: Apache-2.0
 *
 * Shows progress and receives signals. The signals are blocked in all threads and fetched by the watching thread with
 * sigtimedwait, so that neither a handler nor a global variable is needed.
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
#include "base/wall_clock.h"
#include "commands/cli.h"

static void *watch(void *argument);
static void start(struct progress *progress);
static void begin_runs(struct watcher *watcher, const struct watched_runs *work);
static void end_runs(struct watcher *watcher);

void progress_init(struct progress *progress, bool is_quiet)
{
    *progress = (struct progress){ .watcher = { .begin = begin_runs, .end = end_runs }, .is_quiet = is_quiet };
    atomic_init(&progress->watcher.is_cancelled, false);
}

void progress_start(struct progress *progress, bool is_quiet,
                    void (*describe)(void *context, char *line, size_t line_bytes), void *context)
{
    progress_init(progress, is_quiet);
    progress->describe = describe;
    progress->context = context;
    start(progress);
}

static void start(struct progress *progress)
{
    const char *terminal = getenv("TERM");
    struct sigaction hangup;

    progress->is_terminal = isatty(STDERR_FILENO) && terminal != NULL && strcmp(terminal, "dumb") != 0;
    sigemptyset(&progress->watched);
    sigaddset(&progress->watched, SIGINT);
    sigaddset(&progress->watched, SIGTERM);
    if (sigaction(SIGHUP, NULL, &hangup) == 0 && hangup.sa_handler != SIG_IGN) /* nohup ignores it */
        sigaddset(&progress->watched, SIGHUP);
    sigaddset(&progress->watched, SIGUSR1);
    sigaddset(&progress->watched, SIGRTMIN); /* sent by progress_stop */
    CHECK(pthread_sigmask(SIG_BLOCK, &progress->watched, &progress->old_mask) == 0);
    errno = pthread_create(&progress->thread, NULL, watch, progress);
    CHECK_SYSTEM(errno == 0, "a thread cannot be started");
}

bool progress_stop(struct progress *progress)
{
    CHECK(pthread_kill(progress->thread, SIGRTMIN) == 0);
    CHECK(pthread_join(progress->thread, NULL) == 0);
    if (progress->is_terminal && !progress->is_quiet)
        fputs("\r\033[K", stderr);
    CHECK(pthread_sigmask(SIG_SETMASK, &progress->old_mask, NULL) == 0);
    return atomic_load(&progress->watcher.is_cancelled);
}

static void describe_runs(void *context, char *line, size_t line_bytes)
{
    const struct progress *progress = context;
    const struct watched_runs *work = &progress->work;
    double done = 0;
    size_t ended = 0;
    char left[32];

    for (size_t i = 0; i < work->count; i++) {
        double now = (double)atomic_load(&work->runs[i].simulated_ns);
        double end = (double)atomic_load(&work->runs[i].total_ns);
        if (end > 0)
            done += now < end ? now / end : 1;
        ended += end > 0 && now >= end;
    }
    double fraction = work->count > 0 ? done / (double)work->count : 1;
    progress_eta(progress_seconds() - progress->start_seconds, fraction, left, sizeof left);
    snprintf(line, line_bytes, "%s: %.0f %%, %zu of %zu runs done, %s left", work->scenario, 100 * fraction, ended,
             work->count, left);
}

static struct progress *progress_of(struct watcher *watcher)
{
    return (struct progress *)((char *)watcher - offsetof(struct progress, watcher));
}

static void begin_runs(struct watcher *watcher, const struct watched_runs *work)
{
    struct progress *progress = progress_of(watcher);

    progress->work = *work;
    progress->start_seconds = progress_seconds();
    progress->describe = describe_runs;
    progress->context = progress;
    start(progress);
}

static void end_runs(struct watcher *watcher) { progress_stop(progress_of(watcher)); }

static void print_line(struct progress *progress, bool is_redrawn)
{
    char line[PROGRESS_LINE_BYTES] = "";
    progress->describe(progress->context, line, sizeof line);
    fprintf(stderr, is_redrawn ? "\r%s\033[K" : "irqpath: %s\n", line);
    fflush(stderr);
}

/* A terminal that goes away may send SIGHUP twice, itself and through the shell: it does not ask again. */
static void cancel(struct progress *progress, int number)
{
    bool was_cancelled = atomic_exchange(&progress->watcher.is_cancelled, true);

    if (was_cancelled && number != SIGHUP)
        _exit(EXIT_CODE_INTERRUPTED);
    if (was_cancelled)
        return;
    if (!progress->is_quiet)
        fputs(progress->is_terminal ? "\r\033[Kirqpath: stopping; press Ctrl-C again to quit immediately\n"
                                    : "irqpath: stopping\n",
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
        if (number == SIGINT || number == SIGTERM || number == SIGHUP) {
            cancel(progress, number);
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

double progress_seconds(void) { return (double)clock_ns() / 1e9; }

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
