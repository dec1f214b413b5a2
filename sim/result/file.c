/* SPDX-License-Identifier: Apache-2.0
 *
 * Reads whole files, and writes them so that a kill, a full disk or a power failure leaves either the old file or the
 * new one. Anything but a regular file (a pipe, /dev/full) is written in place.
 */
#define _GNU_SOURCE
#include "result/file.h"

#include <errno.h>
#include <fcntl.h>
#include <libgen.h>
#include <limits.h>
#include <pthread.h>
#include <signal.h>
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include "base/check.h"
#include "result/cbor.h"

static bool replace_file(const char *path, const void *bytes, size_t count, bool force, char *message,
                         size_t message_bytes);

/* Writes "PATH: TEXT" to the message and returns false. */
__attribute__((format(printf, 4, 5))) static bool fail(char *message, size_t message_bytes, const char *path,
                                                       const char *format, ...)
{
    char text[256];
    va_list arguments;
    va_start(arguments, format);
    vsnprintf(text, sizeof text, format, arguments);
    va_end(arguments);
    snprintf(message, message_bytes, "%s: %s", path, text);
    return false;
}

bool result_file_read(struct result_set *set, const char *path, char *message, size_t message_bytes)
{
    char why[300];
    size_t count;
    char *bytes = file_read_bytes(path, &count, message, message_bytes);

    if (bytes == NULL)
        return false;
    bool is_json = count > 0 && (bytes[0] == '{' || bytes[0] == '['); /* no CBOR map begins with these bytes */
    bool is_good = !is_json && result_decode(set, (const uint8_t *)bytes, count, why, sizeof why);
    free(bytes);
    if (is_json)
        return fail(message, message_bytes, path, "this is JSON; results are read from the CBOR file that -o writes");
    return is_good ? true : fail(message, message_bytes, path, "%s", why);
}

bool result_file_write(const struct result_set *set, const char *path, bool force, char *message, size_t message_bytes)
{
    uint8_t *bytes;
    size_t count = result_encode(set, IRQPATH_VERSION, &bytes);
    bool is_good = file_write(path, bytes, count, force, message, message_bytes);
    free(bytes);
    return is_good;
}

bool result_file_can_write(const char *path, bool force, char *message, size_t message_bytes)
{
    struct stat status;
    if (strcmp(path, "-") == 0)
        return true;
    if (stat(path, &status) == 0) {
        if (S_ISDIR(status.st_mode))
            return fail(message, message_bytes, path, "is a directory");
        if (S_ISREG(status.st_mode) && !force)
            return fail(message, message_bytes, path, "already exists (--force overwrites it)");
        if (!S_ISREG(status.st_mode))
            return true;
    }
    char *copy = strdup(path);
    CHECK(copy != NULL);
    bool is_good = access(dirname(copy), W_OK | X_OK) == 0;
    if (!is_good)
        fail(message, message_bytes, path, "cannot be created: %s", strerror(errno));
    free(copy);
    return is_good;
}

static bool write_all(int file, const void *bytes, size_t count)
{
    for (size_t done = 0; done < count;) {
        ssize_t wrote = write(file, (const char *)bytes + done, count - done);
        if (wrote < 0 && errno == EINTR)
            continue;
        if (wrote < 0)
            return false;
        done += (size_t)wrote;
    }
    return true;
}

/* Ignores the signals of file-size limits and closed pipes, so that write() returns an error instead. */
static bool write_quietly(int file, const void *bytes, size_t count)
{
    sigset_t fatal, old, pending_before;
    sigemptyset(&fatal);
    sigaddset(&fatal, SIGXFSZ);
    sigaddset(&fatal, SIGPIPE);
    sigpending(&pending_before);
    pthread_sigmask(SIG_BLOCK, &fatal, &old);

    bool is_good = write_all(file, bytes, count);
    int error = errno;

    if (!is_good && (error == EFBIG || error == EPIPE)) {
        int signal_number = error == EFBIG ? SIGXFSZ : SIGPIPE;
        sigset_t one;
        sigemptyset(&one);
        sigaddset(&one, signal_number);
        if (!sigismember(&pending_before, signal_number))
            sigtimedwait(&one, NULL, &(struct timespec){ 0 });
    }
    pthread_sigmask(SIG_SETMASK, &old, NULL);
    errno = error;
    return is_good;
}

bool file_write(const char *path, const void *bytes, size_t count, bool force, char *message, size_t message_bytes)
{
    struct stat status;
    bool exists = stat(path, &status) == 0;

    if (strcmp(path, "-") == 0) {
        if (!write_quietly(STDOUT_FILENO, bytes, count))
            return fail(message, message_bytes, "standard output", "%s", strerror(errno));
        return true;
    }
    if (exists && S_ISDIR(status.st_mode))
        return fail(message, message_bytes, path, "is a directory");
    if (exists && !S_ISREG(status.st_mode)) {
        int file = open(path, O_WRONLY | O_CLOEXEC);
        bool is_good = file >= 0 && write_quietly(file, bytes, count);
        int error = errno;
        if (file >= 0)
            close(file);
        return is_good ? true : fail(message, message_bytes, path, "%s", strerror(error));
    }
    if (!exists)
        return replace_file(path, bytes, count, force, message, message_bytes);

    /* A symbolic link is kept; its target is replaced. */
    char *target = realpath(path, NULL);
    if (target == NULL)
        return fail(message, message_bytes, path, "%s", strerror(errno));
    bool is_good = replace_file(target, bytes, count, force, message, message_bytes);
    free(target);
    return is_good;
}

/* Renames unless the target exists. File systems without RENAME_NOREPLACE get a check followed by a rename. */
static bool rename_new(const char *from, const char *to)
{
    if (renameat2(AT_FDCWD, from, AT_FDCWD, to, RENAME_NOREPLACE) == 0)
        return true;
    if (errno != EINVAL && errno != ENOSYS)
        return false;
    if (access(to, F_OK) == 0) {
        errno = EEXIST;
        return false;
    }
    return rename(from, to) == 0;
}

/* Makes the rename durable. File systems that cannot sync a directory return EINVAL. */
static bool sync_directory(const char *path)
{
    char *copy = strdup(path);
    CHECK(copy != NULL);
    int file = open(dirname(copy), O_RDONLY | O_DIRECTORY | O_CLOEXEC);
    free(copy);
    if (file < 0)
        return false;
    bool is_good = fsync(file) == 0 || errno == EINVAL;
    close(file);
    return is_good;
}

/* Creates a temporary file in the directory of `path`. Its name contains the thread id, so an existing file of this
 * name is left over from a process that was killed. */
static int open_temporary(const char *path, char **temporary)
{
    char *directory = strdup(path), *name = strdup(path);
    CHECK(directory != NULL && name != NULL);
    CHECK(asprintf(temporary, "%s/.%s.%d.tmp", dirname(directory), basename(name), (int)gettid()) > 0);
    free(name);
    free(directory);

    int file = open(*temporary, O_WRONLY | O_CREAT | O_EXCL | O_CLOEXEC, 0666);
    if (file < 0 && errno == EEXIST && unlink(*temporary) == 0)
        file = open(*temporary, O_WRONLY | O_CREAT | O_EXCL | O_CLOEXEC, 0666);
    return file;
}

static bool fill_and_close(int file, const void *bytes, size_t count)
{
    bool is_good = write_quietly(file, bytes, count) && fsync(file) == 0;
    int error = errno;
    bool is_closed = close(file) == 0;
    if (!is_good)
        errno = error;
    return is_good && is_closed;
}

static bool replace_file(const char *path, const void *bytes, size_t count, bool force, char *message,
                         size_t message_bytes)
{
    char *temporary = NULL;
    int file = open_temporary(path, &temporary);
    bool is_good;

    if (file < 0) {
        is_good = fail(message, message_bytes, path, "cannot be created: %s", strerror(errno));
    } else if (!fill_and_close(file, bytes, count)) {
        is_good = fail(message, message_bytes, path, "cannot be written: %s", strerror(errno));
    } else if (force ? rename(temporary, path) != 0 : !rename_new(temporary, path)) {
        is_good = errno == EEXIST
                      ? fail(message, message_bytes, path, "already exists (--force overwrites it)")
                      : fail(message, message_bytes, path, "cannot be renamed into place: %s", strerror(errno));
    } else {
        is_good = sync_directory(path) ||
                  fail(message, message_bytes, path, "its directory cannot be synced: %s", strerror(errno));
    }
    if (!is_good && file >= 0)
        unlink(temporary);
    free(temporary);
    return is_good;
}

char *file_read_bytes(const char *path, size_t *count, char *message, size_t message_bytes)
{
    bool is_stdin = strcmp(path, "-") == 0;
    FILE *in = is_stdin ? stdin : fopen(path, "re");
    char *bytes = NULL;
    size_t capacity = 0;

    *count = 0;
    if (in == NULL) {
        fail(message, message_bytes, path, "%s", strerror(errno));
        return NULL;
    }
    for (;;) {
        if (*count == capacity) {
            capacity = capacity > 0 ? 2 * capacity : 65536;
            bytes = realloc(bytes, capacity);
            CHECK(bytes != NULL);
        }
        size_t got = fread(bytes + *count, 1, capacity - *count, in);
        *count += got;
        if (got == 0)
            break;
    }
    bool is_good = !ferror(in);
    if (!is_good) {
        fail(message, message_bytes, path, "%s", strerror(errno));
        free(bytes);
    }
    if (!is_stdin)
        fclose(in);
    return is_good ? bytes : NULL;
}
