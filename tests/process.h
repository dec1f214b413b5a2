/* SPDX-License-Identifier: Apache-2.0
 *
 * How far a child process is, so that a test need not guess how much time that takes. A child that has ended and was
 * not waited for has worked and watches nothing.
 */
#ifndef TESTS_PROCESS_H
#define TESTS_PROCESS_H

#include <signal.h>
#include <stdbool.h>
#include <stdio.h>
#include <string.h>
#include <sys/types.h>
#include <unistd.h>

/* Whether the process has blocked SIGTERM: from then on it asks itself whether one has come. */
static inline bool process_watches(pid_t child)
{
    char path[64], line[128];
    unsigned long long blocked = 0;

    (void)snprintf(path, sizeof(path), "/proc/%d/status", (int)child);
    FILE *stream = fopen(path, "r");
    assert_non_null(stream);
    while (fgets(line, sizeof(line), stream) != NULL)
        (void)sscanf(line, "SigBlk: %llx", &blocked);
    assert_int_equal(fclose(stream), 0);
    return blocked >> (SIGTERM - 1) & 1;
}

/* Whether it has computed for half a second, whose first tenth it needs to begin: processor time, not the clock's. */
static inline bool process_has_worked(pid_t child)
{
    char path[64], line[1024];
    unsigned long user = 0, system = 0;

    (void)snprintf(path, sizeof(path), "/proc/%d/stat", (int)child);
    FILE *stream = fopen(path, "r");
    assert_non_null(stream);
    assert_non_null(fgets(line, sizeof(line), stream));
    assert_int_equal(fclose(stream), 0);
    (void)sscanf(strrchr(line, ')') + 2, "%*c %*d %*d %*d %*d %*d %*u %*u %*u %*u %*u %lu %lu", &user, &system);
    return (long)(user + system) > sysconf(_SC_CLK_TCK) / 2;
}

#endif
