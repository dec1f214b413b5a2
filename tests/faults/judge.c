/* SPDX-License-Identifier: Apache-2.0
 *
 * What a case may do when one of its calls fails, or when one of its processes is killed.
 */
#define _GNU_SOURCE
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

#include <errno.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/wait.h>

#include "base/sha256.h"
#include "room.h"

void fault_calm_run(const struct fault_case *row, struct fault_calm *calm)
{
    struct supervised result;
    const struct fault none = { .kind = FAULT_WRITE };

    room_prepare(row);
    room_run(row, &none, &result);
    *calm = (struct fault_calm){ .status = result.status, .output = room_output(), .files = room_files() };
    memcpy(calm->calls, result.calls, sizeof calm->calls);
    if (!WIFEXITED(calm->status) || WEXITSTATUS(calm->status) > 1 || result.is_hung) {
        char *errors = room_printed("errors");
        fail_msg("irqpath %s: status %#x: %s", row->arguments, (unsigned)calm->status, errors);
    }
}

void fault_calm_free(struct fault_calm *calm)
{
    free(calm->output);
    free(calm->files);
}

/* --- judging --- */

size_t fault_errors(enum fault_kind kind, const int **errors)
{
    static const int lists[FAULT_KINDS][3] = {
        [FAULT_OPEN] = { EMFILE, EIO, ENOMEM },
        [FAULT_READ] = { EIO },
        [FAULT_WRITE] = { ENOSPC, EIO, EINTR },
        [FAULT_SHORT] = { EINTR },
        [FAULT_FSYNC] = { EIO, ENOSPC, EINTR },
        [FAULT_RENAME] = { EIO, ENOSPC },
        [FAULT_CLOSE] = { EIO, EINTR },
        [FAULT_MKDIR] = { ENOSPC },
        [FAULT_FORK] = { EAGAIN },
        [FAULT_MMAP] = { ENOMEM },
        [FAULT_MALLOC] = { ENOMEM },
    };
    size_t count = 0;

    while (count < 3 && lists[kind][count] != 0)
        count++;
    *errors = lists[kind];
    return count;
}

/* Whether a file may stand in out/ after a run that failed: as it was, or as a whole run leaves it. */
static bool is_whole(const struct fault_case *row, const struct fault_calm *calm, const char *line, size_t bytes)
{
    char old[SHA256_TEXT_BYTES], was[256];

    sha256_text(ROOM_OLD, strlen(ROOM_OLD), old);
    (void)snprintf(was, sizeof was, "%s %s\n", row->file != NULL ? row->file : "", old);
    if (strlen(was) == bytes && memcmp(was, line, bytes) == 0)
        return true;
    for (const char *at = calm->files; *at != '\0'; at = strchr(at, '\n') + 1)
        if (strncmp(at, line, bytes) == 0)
            return true;
    return row->files == FILES_MEASURED && strncmp(line, row->file, strlen(row->file)) == 0;
}

static bool are_whole(const struct fault_case *row, const struct fault_calm *calm, const char *files, char *reason,
                      size_t reason_bytes)
{
    bool has_file = row->file == NULL;

    for (const char *at = files, *end; *at != '\0'; at = end) {
        end = strchr(at, '\n') + 1;
        has_file |= row->file != NULL && strncmp(at, row->file, strlen(row->file)) == 0;
        if (is_whole(row, calm, at, (size_t)(end - at)))
            continue;
        (void)snprintf(reason, reason_bytes, "it left %.*s beside\n%s", (int)strcspn(at, "\n"), at, calm->files);
        return false;
    }
    if (!has_file)
        (void)snprintf(reason, reason_bytes, "%s is gone", row->file);
    return has_file;
}

/* Memory that is short gives 3, or 4 where the system has none for a file; all else is an input or output error. */
static bool is_expected(const struct fault *fault, int code)
{
    bool is_memory = fault->kind == FAULT_MALLOC || fault->kind == FAULT_MMAP || fault->error == ENOMEM;

    return is_memory ? code == 3 || (code == 4 && fault->kind != FAULT_MALLOC) : code == 4;
}

static bool names_it(const struct fault *fault, const char *errors)
{
    const char *const reasons[] = {
        strerror(fault->error),
        "cannot write to standard output",
        strerror(EIO), /* of a child that cannot say more */
        fault->error == ENOMEM ? "out of memory" : strerror(EIO),
        fault->error == ENOMEM ? strerror(EAGAIN) : strerror(EIO), /* what pthread_create makes of it */
        strerror(fault->kind == FAULT_FORK ? EPERM : EIO),         /* and posix_spawn of glibc before 2.36 */
    };

    for (size_t i = 0; i < sizeof reasons / sizeof reasons[0]; i++)
        if (strstr(errors, reasons[i]) != NULL)
            return true;
    return false;
}

/* Whether the command, sent once more, leaves what one undisturbed run does. */
static bool goes_on(const struct fault_case *row, const struct fault_calm *calm)
{
    const struct fault none = { .kind = FAULT_SHORT };
    struct supervised result;

    room_run(row, &none, &result);
    char *files = room_files();
    bool is_same = result.status == calm->status && strcmp(files, calm->files) == 0;
    free(files);
    return is_same;
}

static enum fault_outcome judge(const struct fault_case *row, const struct fault_calm *calm, const struct fault *fault,
                                int status, const char *files, char *reason, size_t reason_bytes)
{
    char *output = room_output(), *errors = room_printed("errors");
    bool is_same = status == calm->status && (row->files == FILES_MEASURED ||
                                              (strcmp(output, calm->output) == 0 && strcmp(files, calm->files) == 0));
    /* libtracecmd does not say why it stops: what it cannot read it calls damaged, which is exit code 2. */
    bool is_foreign = strstr(errors, "libtracecmd cannot read it to its end") != NULL;
    int code = WIFEXITED(status) ? WEXITSTATUS(status) : -1;
    enum fault_outcome outcome = is_same ? FAULT_WENT_ON : FAULT_REFUSED;

    reason[0] = '\0';
    if (!WIFEXITED(status))
        (void)snprintf(reason, reason_bytes, "signal %d", WTERMSIG(status));
    else if (!is_same && status == calm->status)
        (void)snprintf(reason, reason_bytes, "exit code %d, but %s differs: %s", code,
                       strcmp(output, calm->output) != 0 ? "its output" : "a file", output);
    else if (!is_same && !is_expected(fault, code) && !(is_foreign && code == 2))
        (void)snprintf(reason, reason_bytes, "exit code %d: %s", code, errors);
    else if (!is_same && !names_it(fault, errors) && !is_foreign)
        (void)snprintf(reason, reason_bytes, "no reason in its message: %s", errors);
    else if (row->files != FILES_RESUMED)
        (void)are_whole(row, calm, files, reason, reason_bytes);
    else if (!is_same && !goes_on(row, calm))
        (void)snprintf(reason, reason_bytes, "the next run leaves other files");
    free(output);
    free(errors);
    return reason[0] != '\0' ? FAULT_WRONG : outcome;
}

enum fault_outcome fault_inject(const struct fault_case *row, const struct fault_calm *calm, const struct fault *fault,
                                char *reason, size_t reason_bytes)
{
    struct supervised result;

    room_prepare(row);
    room_run(row, fault, &result);
    if (!result.has_injected)
        return FAULT_NOT_REACHED;
    if (result.is_hung) {
        (void)snprintf(reason, reason_bytes, "it does not end");
        return FAULT_WRONG;
    }
    char *files = room_files();
    enum fault_outcome outcome = judge(row, calm, fault, result.status, files, reason, reason_bytes);
    free(files);
    return outcome;
}

/* --- kills --- */

/* Whether a line of the listing is of a temporary. */
static bool is_temporary(const char *line)
{
    const char *end = strchr(line, ' '), *name = end;

    while (name > line && name[-1] != '/')
        name--;
    return name[0] == '.' && end - name > 4 && strncmp(end - 4, ".tmp", 4) == 0;
}

/* Whether what a killed process was at is not half there. What is resumed may be. */
static bool has_no_half(const struct fault_case *row, const struct fault_calm *calm, const char *files, char *reason,
                        size_t reason_bytes)
{
    for (const char *at = files, *end; *at != '\0' && row->files != FILES_RESUMED; at = end) {
        end = strchr(at, '\n') + 1;
        if (is_temporary(at) || is_whole(row, calm, at, (size_t)(end - at)))
            continue;
        (void)snprintf(reason, reason_bytes, "it left %.*s", (int)strcspn(at, "\n"), at);
        return false;
    }
    return true;
}

/* Whether the first process has ended as it may: killed, or with an error; or with everything that it was to do. */
static bool is_end_of_killed(const struct fault_calm *calm, int status, const char *files, char *reason,
                             size_t reason_bytes)
{
    bool is_killed = WIFSIGNALED(status) && WTERMSIG(status) == SIGKILL,
         is_refused = WIFEXITED(status) && (WEXITSTATUS(status) == 3 || WEXITSTATUS(status) == 4);

    if (is_killed || is_refused || (status == calm->status && strcmp(files, calm->files) == 0))
        return true;
    char *errors = room_printed("errors");
    (void)snprintf(reason, reason_bytes, "status %#x: %s", (unsigned)status, errors);
    free(errors);
    return false;
}

enum fault_outcome fault_kill(const struct fault_case *row, const struct fault_calm *calm, const struct fault *fault,
                              char *reason, size_t reason_bytes)
{
    struct supervised result;

    room_prepare(row);
    room_run(row, fault, &result);
    if (!result.has_injected)
        return FAULT_NOT_REACHED;
    char *files = room_files();
    bool is_good = false;
    if (result.is_hung)
        (void)snprintf(reason, reason_bytes, "a process is left");
    else
        is_good = is_end_of_killed(calm, result.status, files, reason, reason_bytes) &&
                  has_no_half(row, calm, files, reason, reason_bytes);
    if (is_good && !goes_on(row, calm)) {
        char *left = room_files();
        (void)snprintf(reason, reason_bytes, "the next run leaves\n%snot\n%s", left, calm->files);
        free(left);
        is_good = false;
    }
    free(files);
    return is_good ? FAULT_REFUSED : FAULT_WRONG;
}
