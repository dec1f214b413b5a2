/* SPDX-License-Identifier: Apache-2.0
 *
 * Prints a failed CHECK. The code may run on the small stack of a coroutine, so it formats into static memory, writes
 * once and exits without running exit handlers.
 */
#include "base/check.h"

#include <errno.h>
#include <inttypes.h>
#include <stdio.h>
#include <string.h>
#include <unistd.h>

#include "base/control.h"
#include "base/temporaries.h"

static _Thread_local const struct check_context *current;

void check_context_set(const struct check_context *context) { current = context; }

/* Writes the text to standard error; an error of that cannot be reported anywhere. */
_Noreturn static void end_with(int code, const char *text, int length, size_t text_bytes)
{
    size_t bytes = (size_t)length < text_bytes ? (size_t)length : text_bytes - 1;
    ssize_t written = write(STDERR_FILENO, text, bytes);

    (void)written;
    temporaries_abandon();
    _exit(code);
}

_Noreturn void check_no_memory(const char *what)
{
    static _Thread_local char text[1024];
    int length = snprintf(text, sizeof(text), "irqpath: error: out of memory%.900s\n", what);

    end_with(CHECK_EXIT_CODE, text, length, sizeof(text));
}

_Noreturn void check_system_failed(const char *what)
{
    static _Thread_local char text[1024];
    int error = errno, length;

    length = snprintf(text, sizeof(text), "irqpath: error: %.800s: %s", what, strerror(error));
    control_clean(text); /* what may name a file */
    length += snprintf(text + length, sizeof(text) - (size_t)length, "\n");
    end_with(error == ENOMEM ? CHECK_EXIT_CODE : CHECK_SYSTEM_EXIT_CODE, text, length, sizeof(text));
}

_Noreturn void check_failed(const char *file, int line, const char *condition)
{
    static _Thread_local char text[1024];
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
    end_with(CHECK_EXIT_CODE, text, length, sizeof(text));
}
