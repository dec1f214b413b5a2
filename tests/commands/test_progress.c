/* SPDX-License-Identifier: Apache-2.0
 *
 * The progress line and the signals, each tested in a child process whose stderr is a pipe.
 */
#define _GNU_SOURCE
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <cmocka.h>

#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/wait.h>
#include <time.h>
#include <unistd.h>

#include "commands/progress.h"

static void describe(void *context, char *line, size_t line_bytes)
{
    snprintf(line, line_bytes, "%s", (char *)context);
}

static void a_while(void) { nanosleep(&(struct timespec){ .tv_nsec = 1000000 }, NULL); }

/* However long that takes. */
static void wait_for_cancel(struct progress *progress)
{
    while (!atomic_load(&progress->watcher.is_cancelled))
        a_while();
}

/* Until the watcher has taken the signal; progress_stop waits for what it does about it. */
static void wait_until_taken(int number)
{
    sigset_t pending;

    do {
        a_while();
        assert_int_equal(sigpending(&pending), 0);
    } while (sigismember(&pending, number));
}

/* Runs `work` in a child; returns its wait status and what it wrote to stderr. */
static int in_child(int (*work)(void), char *text, size_t text_bytes)
{
    int ends[2], status;
    size_t count = 0;

    assert_int_equal(pipe(ends), 0);
    pid_t child = fork();
    if (child == 0) {
        dup2(ends[1], STDERR_FILENO);
        close(ends[0]);
        close(ends[1]);
        _exit(work());
    }
    close(ends[1]);
    for (ssize_t got; (got = read(ends[0], text + count, text_bytes - 1 - count)) > 0;)
        count += (size_t)got;
    text[count] = '\0';
    close(ends[0]);
    assert_int_equal(waitpid(child, &status, 0), child);
    return status;
}

static int nothing_happens(void)
{
    struct progress progress;
    progress_start(&progress, false, describe, "line");
    return progress_stop(&progress);
}

static int interrupted(void)
{
    struct progress progress;
    progress_start(&progress, false, describe, "line");
    kill(getpid(), SIGINT);
    wait_for_cancel(&progress);
    return progress_stop(&progress) ? 42 : 1;
}

static int hung_up(void)
{
    struct progress progress;
    signal(SIGHUP, SIG_DFL);
    progress_start(&progress, false, describe, "line");
    for (int i = 0; i < 2; i++) { /* from the terminal and from the shell */
        kill(getpid(), SIGHUP);
        wait_until_taken(SIGHUP);
    }
    wait_for_cancel(&progress);
    return progress_stop(&progress) ? 42 : 1;
}

static int hung_up_under_nohup(void)
{
    struct progress progress;
    signal(SIGHUP, SIG_IGN);
    progress_start(&progress, false, describe, "line");
    kill(getpid(), SIGHUP);
    wait_until_taken(SIGHUP);
    return progress_stop(&progress) ? 1 : 42;
}

__attribute__((noreturn)) static int interrupted_twice(void)
{
    struct progress progress;
    progress_start(&progress, true, describe, "line");
    kill(getpid(), SIGINT);
    wait_for_cancel(&progress);
    kill(getpid(), SIGTERM);
    for (;;) /* the watcher ends the process */
        a_while();
}

static int asked(void)
{
    struct progress progress;
    progress_start(&progress, false, describe, "half done");
    kill(getpid(), SIGUSR1);
    wait_until_taken(SIGUSR1);
    return progress_stop(&progress) ? 1 : 42;
}

static int asked_of_many(void)
{
    struct run_progress runs[2] = { { .simulated_ns = 10, .total_ns = 10 }, { .simulated_ns = 5, .total_ns = 10 } };
    struct progress progress;
    struct watcher *watcher = &progress.watcher;
    progress_init(&progress, false);
    watcher->begin(watcher, &(struct watched_runs){ "steal", runs, 2 });
    kill(getpid(), SIGUSR1);
    wait_until_taken(SIGUSR1);
    watcher->end(watcher);
    return atomic_load(&watcher->is_cancelled) ? 1 : 42;
}

static int after_stop_signals_act_again(void)
{
    struct progress progress;
    progress_start(&progress, false, describe, "line");
    progress_stop(&progress);
    signal(SIGTERM, SIG_DFL);
    kill(getpid(), SIGTERM);
    return 1;
}

static void signals(void **state)
{
    (void)state;
    static const struct {
        int (*work)(void);
        int exit_code, signal_number;
        const char *text;
    } rows[] = {
        { nothing_happens, 0, 0, "" },
        { interrupted, 42, 0, "irqpath: stopping\n" },
        { hung_up, 42, 0, "irqpath: stopping\n" },
        { hung_up_under_nohup, 42, 0, "" },
        { interrupted_twice, 130, 0, "" },
        { asked, 42, 0, "irqpath: half done\n" },
        { asked_of_many, 42, 0, "irqpath: steal: 75 %, 1 of 2 runs done, " },
        { after_stop_signals_act_again, 0, SIGTERM, "" },
    };
    for (size_t i = 0; i < sizeof rows / sizeof rows[0]; i++) {
        char text[500];
        int status = in_child(rows[i].work, text, sizeof text);
        assert_int_equal(WIFSIGNALED(status) ? WTERMSIG(status) : 0, rows[i].signal_number);
        if (rows[i].signal_number == 0)
            assert_int_equal(WEXITSTATUS(status), rows[i].exit_code);
        size_t length = strlen(rows[i].text);
        if (length > 0 && rows[i].text[length - 1] != '\n') /* how much time is left follows */
            text[length] = '\0';
        assert_string_equal(text, rows[i].text);
    }
}

static void what_is_left(void **state)
{
    (void)state;
    static const struct {
        double elapsed, fraction;
        const char *text;
    } rows[] = {
        { 10, 0.5, "10 s" },         { 10, 0, "?" },  { 60, 0.1, "9 min" }, { 3600, 0.1, "9 h 00 min" },
        { 100, 0.01, "2 h 45 min" }, { 5, 1, "0 s" },
    };
    for (size_t i = 0; i < sizeof rows / sizeof rows[0]; i++) {
        char text[32];
        progress_eta(rows[i].elapsed, rows[i].fraction, text, sizeof text);
        assert_string_equal(text, rows[i].text);
    }
}

int main(void)
{
    const struct CMUnitTest tests[] = { cmocka_unit_test(signals), cmocka_unit_test(what_is_left) };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
