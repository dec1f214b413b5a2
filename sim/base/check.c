/* SPDX-License-Identifier: Apache-2.0
 *
 * Prints a failed CHECK. The code may run on the small stack of a coroutine, so it formats into static memory, writes
 * once and exits without running exit handlers.
 */
#include "base/check.h"

#include <inttypes.h>
#include <stdio.h>
#include <unistd.h>

#define CHECK_EXIT_CODE 3

static _Thread_local const struct check_context *current;

void check_context_set(const struct check_context *context) { current = context; }

_Noreturn void check_failed(const char *file, int line, const char *condition)
{
    static _Thread_local char text[1024];
    ssize_t written;
    int length;

    if (current == NULL)
        length = snprintf(text, sizeof(text), "%s:%d: internal error: CHECK(%s) failed, no run in progress\n", file,
                          line, condition);
    else
        length = snprintf(text, sizeof(text),
                          "%s:%d: internal error: CHECK(%s) failed at cycle %" PRIu64 ", slot %" PRIu32
                          ", seed %" PRIu64 ", scenario %s\n",
                          file, line, condition, current->now, current->actor, current->seed,
                          current->scenario != NULL ? current->scenario : "-");
    if (length >= (int)sizeof(text))
        length = (int)sizeof(text) - 1;
    written = write(STDERR_FILENO, text, (size_t)length);
    (void)written; /* an error of this write cannot be reported anywhere */
    _exit(CHECK_EXIT_CODE);
}
