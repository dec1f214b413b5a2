/* SPDX-License-Identifier: Apache-2.0
 *
 * The child says through a pipe that it returned: its exit status is lost where SIGCHLD is ignored.
 */
#define _GNU_SOURCE
#include "base/child.h"

#include <errno.h>
#include <fcntl.h>
#include <stdio.h>
#include <sys/resource.h>
#include <sys/wait.h>
#include <unistd.h>

#include "base/check.h"

#define CANNOT_SAY 4 /* exit code: it returned, but the pipe does not take a byte */

void child_limit(unsigned seconds)
{
    const struct rlimit none = { 0, 0 }, time = { seconds, seconds };

    (void)setrlimit(RLIMIT_CORE, &none);
    (void)setrlimit(RLIMIT_CPU, &time);
}

__attribute__((noreturn)) static void child_run(void (*run)(void *argument), void *argument, unsigned seconds, int said)
{
    int nowhere = open("/dev/null", O_WRONLY);

    child_limit(seconds);
    if (nowhere >= 0) {
        (void)dup2(nowhere, STDOUT_FILENO);
        (void)dup2(nowhere, STDERR_FILENO);
    }
    run(argument);
    ssize_t wrote;
    while ((wrote = write(said, "", 1)) < 0 && errno == EINTR)
        ;
    _exit(wrote == 1 ? 0 : CANNOT_SAY);
}

enum child_end child_try(void (*run)(void *argument), void *argument, unsigned seconds)
{
    int ends[2], status = 0, error;
    ssize_t got = 0;
    char byte;

    if (pipe2(ends, O_CLOEXEC) != 0)
        return CHILD_NOT_STARTED;
    pid_t child = fork();
    error = errno;
    if (child == 0)
        child_run(run, argument, seconds, ends[1]);
    (void)close(ends[1]);
    while (child > 0 && (got = read(ends[0], &byte, 1)) < 0 && errno == EINTR)
        ;
    error = got < 0 ? errno : error;
    (void)close(ends[0]);
    while (child > 0 && waitpid(child, &status, 0) < 0 && errno == EINTR)
        ;
    errno = error;
    if (child < 0 || got < 0)
        return CHILD_NOT_STARTED;
    if (got == 1)
        return CHILD_RETURNS;
    if (WIFEXITED(status) && WEXITSTATUS(status) == CANNOT_SAY) {
        errno = EIO;
        return CHILD_NOT_STARTED;
    }
    return WIFEXITED(status) && WEXITSTATUS(status) == CHECK_EXIT_CODE ? CHILD_NO_MEMORY : CHILD_CRASHES;
}
