/* SPDX-License-Identifier: Apache-2.0
 *
 * Opens recordings, and lets programs that are installed unpack or print them: without a shell, so that a path is never
 * a command.
 */
#define _GNU_SOURCE
#include <errno.h>
#include <fcntl.h>
#include <signal.h>
#include <stdarg.h>
#include <stdio_ext.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <sys/wait.h>
#include <unistd.h>

#include "base/check.h"
#include "base/child.h"
#include "base/control.h"
#include "formats/readers.h"

#define FUNCTION_SECONDS 3600 /* of processor time, for a file of many GiB; a damaged one may have no end */

/* Writes why the system refused what the source needs ("FORMAT: REASON"), and returns false. */
__attribute__((format(printf, 4, 5))) static bool refused(struct source *source, char *message, size_t message_bytes,
                                                          const char *format, ...)
{
    char text[256];
    va_list arguments;

    source->error = errno != 0 ? errno : EIO;
    va_start(arguments, format);
    (void)vsnprintf(text, sizeof text, format, arguments);
    va_end(arguments);
    (void)snprintf(message, message_bytes, "%s%s", text, strerror(source->error));
    return false;
}

static bool read_head(struct source *source, char *message, size_t message_bytes)
{
    source->head_bytes = fread(source->head, 1, sizeof source->head, source->file);
    return ferror(source->file) == 0 || refused(source, message, message_bytes, "%s", "");
}

bool source_open(struct source *source, const char *path, char *message, size_t message_bytes)
{
    struct stat status;

    *source = (struct source){ .path = path };
    source->file = strcmp(path, "-") != 0 ? fopen(path, "re") : fdopen(fcntl(STDIN_FILENO, F_DUPFD_CLOEXEC, 3), "r");
    if (source->file == NULL)
        return refused(source, message, message_bytes, "%s", "");
    if (fstat(fileno(source->file), &status) == 0 && S_ISDIR(status.st_mode)) {
        snprintf(message, message_bytes, "is a directory");
        fclose(source->file);
        source->file = NULL;
        return false;
    }
    if (read_head(source, message, message_bytes))
        return true;
    fclose(source->file);
    source->file = NULL;
    return false;
}

static bool is_installed(const char *program)
{
    char path[4096];
    const char *at = getenv("PATH");

    while (at != NULL && *at != '\0') {
        int bytes = (int)strcspn(at, ":");
        snprintf(path, sizeof path, "%.*s/%s", bytes, at, program);
        if (access(path, X_OK) == 0)
            return true;
        at += bytes + (at[bytes] == ':');
    }
    return false;
}

/* In the child. */
static void run(int in, int out, FILE *said, const char *const *arguments, int (*function)(void))
{
    int errors = said != NULL ? fileno(said) : open("/dev/null", O_WRONLY | O_CLOEXEC);

    signal(SIGPIPE, SIG_DFL);
    if (dup2(in, STDIN_FILENO) < 0 || dup2(out, STDOUT_FILENO) < 0 || dup2(errors, STDERR_FILENO) < 0)
        _exit(126);
    if (function != NULL) {
        child_limit(FUNCTION_SECONDS);
        __fpurge(stdout); /* what this process has not written yet is for its parent to write */
        _exit(function());
    }
    execvp(arguments[0], (char *const *)arguments);
    _exit(127);
}

static bool start(struct source *source, const char *const *arguments, int (*function)(void), char *message,
                  size_t message_bytes)
{
    int ends[2];

    if (!source_rewind(source, message, message_bytes))
        return false;
    FILE *said = tmpfile();
    if (said == NULL)
        return refused(source, message, message_bytes, "%s cannot be started: ", arguments[0]);
    if (pipe2(ends, O_CLOEXEC) != 0) {
        fclose(said);
        return refused(source, message, message_bytes, "%s cannot be started: ", arguments[0]);
    }
    pid_t child = fork();
    int error = errno;
    if (child == 0)
        run(fileno(source->file), ends[1], said, arguments, function);
    close(ends[1]);
    fclose(source->file);
    source->file = fdopen(ends[0], "r");
    source->program = child > 0 ? child : 0;
    source->name = arguments[0];
    source->is_function = function != NULL;
    source->said = said;
    errno = child < 0 ? error : errno;
    if (child < 0 || source->file == NULL)
        return refused(source, message, message_bytes, "%s cannot be started: ", arguments[0]);
    return read_head(source, message, message_bytes);
}

bool source_through(struct source *source, const char *const *arguments, const char *package, char *message,
                    size_t message_bytes)
{
    if (is_installed(arguments[0]))
        return start(source, arguments, NULL, message, message_bytes);
    snprintf(message, message_bytes, "reading it takes the program %s, which is not installed (apt-get install %s)",
             arguments[0], package);
    return false;
}

bool source_through_function(struct source *source, int (*function)(void), const char *name, char *message,
                             size_t message_bytes)
{
    const char *const arguments[] = { name, NULL };

    return start(source, arguments, function, message, message_bytes);
}

bool source_rewind(struct source *source, char *message, size_t message_bytes)
{
    char bytes[1 << 16];
    size_t count;

    if (fseeko(source->file, 0, SEEK_SET) == 0) {
        lseek(fileno(source->file), 0, SEEK_SET); /* also for a program that gets the descriptor */
        return true;
    }
    FILE *kept = tmpfile();
    bool is_good = kept != NULL && fwrite(source->head, 1, source->head_bytes, kept) == source->head_bytes;
    while (is_good && (count = fread(bytes, 1, sizeof bytes, source->file)) > 0)
        is_good = fwrite(bytes, 1, count, kept) == count;
    is_good = is_good && ferror(source->file) == 0 && fflush(kept) == 0;
    if (!is_good) {
        (void)refused(source, message, message_bytes, "no temporary copy of it can be made: ");
        if (kept != NULL)
            fclose(kept);
        return false;
    }
    if (!source_close(source, true, message, message_bytes)) {
        fclose(kept);
        return false;
    }
    rewind(kept);
    lseek(fileno(kept), 0, SEEK_SET);
    source->file = kept;
    return true;
}

/* The last line that the program has said, but for warnings of perf about fields that kinds of events do not have. */
static void last_words(FILE *said, char text[200])
{
    char line[512];

    text[0] = '\0';
    if (said == NULL)
        return;
    rewind(said);
    while (fgets(line, sizeof line, said) != NULL) {
        line[strcspn(line, "\r\n")] = '\0';
        if (line[0] != '\0' && strstr(line, "not valid for") == NULL)
            snprintf(text, 200, "%.180s", line);
    }
    for (char *at = text; *at != '\0'; at++)
        if (control_bytes(at, text + strlen(text)) > 0)
            *at = '?';
}

bool source_close(struct source *source, bool is_read, char *message, size_t message_bytes)
{
    char words[200], text[512];
    int status = 0;

    if (source->file != NULL)
        fclose(source->file);
    source->file = NULL;
    if (source->program == 0)
        return true;
    while (waitpid(source->program, &status, 0) < 0 && errno == EINTR)
        continue;
    source->program = 0;
    last_words(source->said, words);
    if (source->said != NULL)
        fclose(source->said);
    source->said = NULL;
    if (source->is_function && WIFEXITED(status) && WEXITSTATUS(status) == CHECK_EXIT_CODE) {
        (void)snprintf(text, sizeof text, " reading %.400s", source->path);
        check_no_memory(text);
    }
    if (source->is_function && WIFEXITED(status) && WEXITSTATUS(status) == CHECK_SYSTEM_EXIT_CODE)
        source->error = EIO;                                                          /* its words have the true one */
    bool is_refused = WIFSIGNALED(status) && WTERMSIG(status) == SIGPIPE && !is_read; /* nobody wanted the rest */
    if (is_refused || (WIFEXITED(status) && WEXITSTATUS(status) == 0))
        return true;
    snprintf(message, message_bytes, "%s cannot read it to its end: %s", source->name,
             words[0] != '\0' ? words : "it is damaged, or of another version");
    return false;
}
