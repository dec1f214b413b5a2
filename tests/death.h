/* SPDX-License-Identifier: Apache-2.0
 *
 * Tests of what must not happen: runs a function in a child and hands over how the child ended and what it said.
 */
#ifndef TESTS_DEATH_H
#define TESTS_DEATH_H

#include <stddef.h>
#include <string.h>
#include <sys/wait.h>
#include <unistd.h>

#include <setjmp.h>
#include <stdarg.h>
#include <stdint.h>

#include <cmocka.h>

#define DEATH_OF_CHECK 3 /* exit code of a failed CHECK */

/* The child's exit code (0 when the function returned), -1 when a signal ended it; its stderr in text. */
static inline int death_run(void (*function)(void *argument), void *argument, char *text, size_t text_bytes)
{
    size_t length = 0;
    ssize_t got;
    pid_t child;
    int ends[2], status;

    assert_return_code(pipe(ends), 0);
    child = fork();
    assert_return_code(child, 0);
    if (child == 0) {
        dup2(ends[1], STDERR_FILENO);
        function(argument);
        _exit(0);
    }
    close(ends[1]);
    while (length < text_bytes - 1 && (got = read(ends[0], text + length, text_bytes - 1 - length)) > 0)
        length += (size_t)got;
    text[length] = '\0';
    close(ends[0]);
    assert_int_equal(waitpid(child, &status, 0), child);
    return WIFEXITED(status) ? WEXITSTATUS(status) : -1;
}

/* That a CHECK ends it, and that its message holds `expected`. */
static inline void assert_check_fails(void (*function)(void *argument), void *argument, const char *expected)
{
    char text[2048];

    assert_int_equal(death_run(function, argument, text, sizeof(text)), DEATH_OF_CHECK);
    assert_non_null(strstr(text, expected));
}

#endif
