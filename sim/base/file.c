/* SPDX-License-Identifier: Apache-2.0
 *
 * A writer's stream hands its bytes to write_quietly, so that the first error is kept with its reason and no signal
 * ends the program in between.
 */
#define _GNU_SOURCE
#include "base/file.h"

#include <errno.h>
#include <fcntl.h>
#include <pthread.h>
#include <signal.h>
#include <stdarg.h>
#include <stdint.h>
#include <stdlib.h>
#include <string.h>
#include <sys/file.h>
#include <sys/stat.h>
#include <time.h>
#include <unistd.h>

#include "base/check.h"
#include "base/temporaries.h"
#include "base/text.h"

#define STREAM_BYTES 65536
#define ATTEMPTS 16 /* a cleaner may take a new temporary before it is locked */

static const char already_exists[] = "already exists (--force overwrites it)";

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

/* --- bytes --- */

static bool write_all(int file, const char *bytes, size_t count)
{
    for (size_t done = 0; done < count;) {
        ssize_t wrote = write(file, bytes + done, count - done);
        if (wrote < 0 && errno == EINTR)
            continue;
        if (wrote <= 0) {
            errno = wrote == 0 ? ENOSPC : errno;
            return false;
        }
        done += (size_t)wrote;
    }
    return true;
}

/* Ignores the signals of file-size limits and closed pipes, so that write() returns an error instead. */
static bool write_quietly(int file, const char *bytes, size_t count)
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

static void remember(struct file_writer *writer)
{
    if (writer->error == 0)
        writer->error = errno != 0 ? errno : EIO;
}

/* Of the stream. After a failure it discards what comes. */
static ssize_t take(void *cookie, const char *bytes, size_t count)
{
    struct file_writer *writer = cookie;

    if (writer->error == 0 && !write_quietly(writer->descriptor, bytes, count))
        remember(writer);
    return writer->error == 0 ? (ssize_t)count : 0;
}

/* --- opening --- */

static bool is_standard_output(const char *path) { return strcmp(path, "-") == 0; }

/* Whether the path can be written at all. Sets *is_in_place for what is no regular file, and *mode to the permissions
 * of the file that is replaced. */
static bool check_path(const char *path, bool force, bool *is_in_place, mode_t *mode, char *message,
                       size_t message_bytes)
{
    struct stat status, link;
    bool exists = stat(path, &status) == 0;

    *is_in_place = is_standard_output(path) || (exists && !S_ISREG(status.st_mode));
    *mode = 0;
    if (is_standard_output(path))
        return true;
    if (exists && S_ISDIR(status.st_mode))
        return fail(message, message_bytes, path, "is a directory");
    if (*is_in_place)
        return true;
    if (lstat(path, &link) == 0 && S_ISLNK(link.st_mode))
        return fail(message, message_bytes, path, "is a symbolic link: name the file that it leads to");
    if (exists && !force)
        return fail(message, message_bytes, path, "%s", already_exists);
    *mode = exists ? status.st_mode & 0777 : 0;
    return true;
}

bool file_can_write(const char *path, bool force, char *message, size_t message_bytes)
{
    bool is_in_place;
    mode_t mode;

    if (!check_path(path, force, &is_in_place, &mode, message, message_bytes))
        return false;
    if (is_in_place)
        return true;
    char *directory = path_directory(path), *name = path_name(path);
    bool is_good = access(directory, W_OK | X_OK) == 0;
    if (is_good)
        temporaries_remove(directory, name);
    else
        fail(message, message_bytes, path, "cannot be created: %s", strerror(errno));
    free(directory);
    free(name);
    return is_good;
}

/* A device or a pipe. Something else may stand there since it was looked at. */
static int open_in_place(const char *path)
{
    if (is_standard_output(path)) {
        (void)fflush(stdout); /* its errors are seen at the program's end */
        return STDOUT_FILENO;
    }
    int file = open(path, O_WRONLY | O_NOCTTY | O_CLOEXEC);
    struct stat status;
    if (file >= 0 && (fstat(file, &status) != 0 || S_ISREG(status.st_mode))) {
        close(file);
        errno = EEXIST;
        file = -1;
    }
    return file;
}

/* A file system without locks has no cleaner, either. */
static bool is_ours(int file)
{
    struct stat status;

    if (flock(file, LOCK_EX | LOCK_NB) != 0 && errno == EWOULDBLOCK)
        return false;
    return fstat(file, &status) == 0 && status.st_nlink > 0;
}

static int open_temporary(const char *path, mode_t mode, char **temporary)
{
    int file = -1;

    *temporary = NULL;
    for (int i = 0; i < ATTEMPTS && file < 0; i++) {
        free(*temporary);
        *temporary = temporary_name(path);
        file = open(*temporary, O_WRONLY | O_CREAT | O_EXCL | O_NOFOLLOW | O_CLOEXEC, 0666);
        if (file < 0 && errno != EEXIST && errno != EINTR)
            return -1;
        if (file >= 0 && !is_ours(file)) {
            close(file);
            file = -1;
            errno = EAGAIN;
        }
    }
    if (file >= 0 && mode != 0)
        (void)fchmod(file, mode);
    return file;
}

static void writer_free(struct file_writer *writer)
{
    if (writer->temporary != NULL)
        temporaries_release(&writer->kept);
    free(writer->path);
    free(writer->temporary);
    *writer = (struct file_writer){ .descriptor = -1 };
}

/* Closes the file, without the stream. */
static void close_file(struct file_writer *writer)
{
    if (writer->descriptor != STDOUT_FILENO && close(writer->descriptor) != 0 && errno != EINTR)
        remember(writer);
}

bool file_open(struct file_writer *writer, const char *path, bool force, char *message, size_t message_bytes)
{
    static const cookie_io_functions_t functions = { .write = take };
    bool is_in_place;
    mode_t mode;

    *writer = (struct file_writer){ .descriptor = -1, .is_forced = force };
    if (!check_path(path, force, &is_in_place, &mode, message, message_bytes))
        return false;
    writer->path = text_copy(path);
    writer->descriptor = is_in_place ? open_in_place(path) : open_temporary(path, mode, &writer->temporary);
    if (writer->descriptor < 0) {
        fail(message, message_bytes, path, is_in_place ? "%s" : "cannot be created: %s", strerror(errno));
        writer_free(writer);
        return false;
    }
    if (writer->temporary != NULL)
        temporaries_keep(&writer->kept, writer->temporary);
    writer->stream = fopencookie(writer, "w", functions);
    if (writer->stream != NULL && setvbuf(writer->stream, NULL, _IOFBF, STREAM_BYTES) == 0)
        return true;
    fail(message, message_bytes, path, "cannot be created: %s", strerror(ENOMEM));
    if (writer->stream != NULL) {
        file_abandon(writer);
        return false;
    }
    close_file(writer);
    if (writer->temporary != NULL)
        (void)unlink(writer->temporary);
    writer_free(writer);
    return false;
}

/* --- ending --- */

/* Renames unless the target exists. File systems without RENAME_NOREPLACE get a check followed by a rename. */
static bool rename_new(const char *from, const char *to)
{
    struct stat status;

    if (renameat2(AT_FDCWD, from, AT_FDCWD, to, RENAME_NOREPLACE) == 0)
        return true;
    if (errno != EINVAL && errno != ENOSYS)
        return false;
    if (lstat(to, &status) == 0) {
        errno = EEXIST;
        return false;
    }
    return rename(from, to) == 0;
}

/* Makes the rename durable. File systems that cannot sync a directory return EINVAL. */
static bool sync_directory(const char *path)
{
    char *directory = path_directory(path);
    int file = open(directory, O_RDONLY | O_DIRECTORY | O_CLOEXEC);

    free(directory);
    if (file < 0)
        return false;
    bool is_good = fsync(file) == 0 || errno == EINVAL;
    int error = errno;
    close(file);
    errno = error;
    return is_good;
}

static bool sync_file(int file)
{
    while (fsync(file) != 0)
        if (errno != EINTR)
            return false;
    return true;
}

/* Renames what is complete. */
static bool put_in_place(const struct file_writer *writer, char *message, size_t message_bytes)
{
    const char *path = writer->path;

    if (writer->is_forced ? rename(writer->temporary, path) == 0 : rename_new(writer->temporary, path))
        return sync_directory(path) ||
               fail(message, message_bytes, path, "its directory cannot be synced: %s", strerror(errno));
    fail(message, message_bytes, path, errno == EEXIST ? "%s" : "cannot be renamed into place: %s",
         errno == EEXIST ? already_exists : strerror(errno));
    (void)unlink(writer->temporary);
    return false;
}

/* A temporary keeps its lock until it has its name, or a cleaner would take it; after the sync its close has nothing to
 * say. */
bool file_commit(struct file_writer *writer, char *message, size_t message_bytes)
{
    bool is_stdout = writer->descriptor == STDOUT_FILENO, is_good = true;

    if (fclose(writer->stream) != 0)
        remember(writer);
    if (writer->error == 0 && writer->temporary != NULL && !sync_file(writer->descriptor))
        remember(writer);
    if (writer->temporary == NULL)
        close_file(writer);
    if (writer->error != 0) {
        is_good = fail(message, message_bytes, is_stdout ? "standard output" : writer->path,
                       writer->temporary != NULL ? "cannot be written: %s" : "%s", strerror(writer->error));
        if (writer->temporary != NULL)
            (void)unlink(writer->temporary);
    } else if (writer->temporary != NULL) {
        is_good = put_in_place(writer, message, message_bytes);
    }
    if (writer->temporary != NULL)
        close_file(writer);
    writer_free(writer);
    return is_good;
}

void file_abandon(struct file_writer *writer)
{
    if (writer->stream == NULL)
        return;
    writer->error = ECANCELED; /* what is left in the stream is discarded */
    (void)fclose(writer->stream);
    close_file(writer);
    if (writer->temporary != NULL)
        (void)unlink(writer->temporary);
    writer_free(writer);
}

bool file_write(const char *path, const void *bytes, size_t count, bool force, char *message, size_t message_bytes)
{
    struct file_writer writer;

    if (!file_open(&writer, path, force, message, message_bytes))
        return false;
    (void)fwrite(bytes, 1, count, writer.stream); /* its error is the writer's */
    return file_commit(&writer, message, message_bytes);
}

/* --- reading --- */

bool file_is_misnamed(int error)
{
    static const int of_the_name[] = { ENOENT, ENOTDIR, EISDIR, EACCES, EPERM, ELOOP, ENAMETOOLONG };

    for (size_t i = 0; i < sizeof of_the_name / sizeof of_the_name[0]; i++)
        if (error == of_the_name[i])
            return true;
    return false;
}

/* Opens what is neither a directory nor a device, of which nobody knows the end. */
static FILE *open_input(const char *path, size_t limit, char *message, size_t message_bytes)
{
    FILE *in = strcmp(path, "-") == 0 ? stdin : fopen(path, "re");
    struct stat status = { 0 };
    const char *reason = NULL;
    int error = 0;

    if (in == NULL || fstat(fileno(in), &status) != 0)
        reason = strerror(error = errno);
    else if (S_ISDIR(status.st_mode))
        reason = "is a directory";
    else if (S_ISCHR(status.st_mode) || S_ISBLK(status.st_mode))
        reason = "is a device";
    bool is_large = reason == NULL && S_ISREG(status.st_mode) && (uint64_t)status.st_size > limit;
    if (reason == NULL && !is_large)
        return in;
    if (is_large)
        fail(message, message_bytes, path, "has %lld bytes, more than %zu", (long long)status.st_size, limit);
    else
        fail(message, message_bytes, path, "%s", reason);
    if (in != NULL && in != stdin)
        fclose(in);
    errno = error;
    return NULL;
}

char *file_read_bytes(const char *path, size_t limit, size_t *count, char *message, size_t message_bytes)
{
    FILE *in = open_input(path, limit, message, message_bytes);
    char *bytes = NULL;
    size_t capacity = 0, got = in != NULL;
    int error = 0; /* of the first failure: a stream may be read on, without what has failed */

    *count = 0;
    while (got > 0 && *count <= limit) {
        if (*count + 1 >= capacity) {
            capacity = capacity > 0 ? 2 * capacity : STREAM_BYTES;
            bytes = realloc(bytes, capacity);
            CHECK(bytes != NULL);
        }
        got = fread(bytes + *count, 1, capacity - 1 - *count, in);
        *count += got;
        if (ferror(in)) {
            error = errno != 0 ? errno : EIO;
            break;
        }
    }
    if (in == NULL)
        return NULL;
    bytes[*count] = '\0';
    bool is_good = error == 0 && *count <= limit;
    if (!is_good) {
        fail(message, message_bytes, path, "%s", error != 0 ? strerror(error) : "has too many bytes");
        free(bytes);
    }
    if (in != stdin)
        fclose(in);
    errno = error;
    return is_good ? bytes : NULL;
}
