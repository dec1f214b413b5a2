/* SPDX-License-Identifier: Apache-2.0
 *
 * Writing a file is atomic under errors: full disks, file-size limits, directories that cannot be written, links.
 */
#define _GNU_SOURCE
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <cmocka.h>

#include <dirent.h>
#include <errno.h>
#include <fcntl.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/resource.h>
#include <sys/stat.h>
#include <sys/syscall.h>
#include <sys/wait.h>
#include <unistd.h>

#include "base/file.h"
#include "base/temporaries.h"
#include "temporary.h"

struct place {
    char directory[64];
    char path[96];
    size_t open_files; /* at the test's start, and so at its end */
};

static size_t entries(const char *directory)
{
    DIR *stream = opendir(directory);
    size_t count = 0;
    assert_non_null(stream);
    for (struct dirent *entry; (entry = readdir(stream)) != NULL;)
        count += strcmp(entry->d_name, ".") != 0 && strcmp(entry->d_name, "..") != 0;
    closedir(stream);
    return count;
}

static int set_up(void **state)
{
    struct place *place = calloc(1, sizeof *place);
    strcpy(place->directory, "/tmp/irqpath-test-XXXXXX");
    temporary_directory(place->directory);
    snprintf(place->path, sizeof place->path, "%s/r.txt", place->directory);
    place->open_files = entries("/proc/self/fd");
    *state = place;
    return 0;
}

static int tear_down(void **state)
{
    struct place *place = *state;
    bool are_closed = entries("/proc/self/fd") == place->open_files;

    temporary_directory_remove(place->directory);
    free(place);
    return are_closed ? 0 : -1;
}

static void assert_contents(const char *path, const char *expected)
{
    char message[300] = "";
    size_t count;
    char *text = file_read_bytes(path, SIZE_MAX, &count, message, sizeof message);

    assert_string_equal(message, "");
    assert_int_equal(count, strlen(expected));
    assert_string_equal(text, expected);
    free(text);
}

static char said[300];

static bool write_text(const char *path, const char *text, bool force)
{
    return file_write(path, text, strlen(text), force, said, sizeof said);
}

/* Whether what was said is the path followed by the reason. */
static void assert_said(const char *path, const char *reason)
{
    char expected[400];

    snprintf(expected, sizeof expected, "%s: %s", path, reason);
    assert_string_equal(said, expected);
}

static void overwrites_only_by_force(void **state)
{
    struct place *place = *state;
    struct stat status;

    assert_true(file_can_write(place->path, false, said, sizeof said));
    assert_true(write_text(place->path, "one", false));
    assert_int_equal(chmod(place->path, 0640), 0);
    assert_false(file_can_write(place->path, false, said, sizeof said));
    assert_false(write_text(place->path, "two", false));
    assert_said(place->path, "already exists (--force overwrites it)");
    assert_contents(place->path, "one");
    assert_true(file_can_write(place->path, true, said, sizeof said));
    assert_true(write_text(place->path, "two", true));
    assert_contents(place->path, "two");
    assert_int_equal(stat(place->path, &status), 0);
    assert_int_equal(status.st_mode & 0777, 0640);
    assert_int_equal(entries(place->directory), 1);
}

/* It appears at the end, whole; a file that comes in between is kept. */
static void appears_at_the_end(void **state)
{
    struct place *place = *state;
    struct file_writer writer;

    assert_true(file_open(&writer, place->path, false, said, sizeof said));
    for (int i = 0; i < 100000; i++)
        fprintf(writer.stream, "%d\n", i);
    assert_int_not_equal(access(place->path, F_OK), 0);
    assert_true(file_commit(&writer, said, sizeof said));
    assert_null(writer.stream);
    file_abandon(&writer);
    assert_int_equal(access(place->path, F_OK), 0);

    assert_true(file_open(&writer, place->path, true, said, sizeof said));
    fputs("more", writer.stream);
    file_abandon(&writer);
    assert_int_equal(entries(place->directory), 1);
    assert_int_equal(unlink(place->path), 0);

    assert_true(file_open(&writer, place->path, false, said, sizeof said));
    fputs("late", writer.stream);
    assert_true(write_text(place->path, "early", false));
    assert_false(file_commit(&writer, said, sizeof said));
    assert_said(place->path, "already exists (--force overwrites it)");
    assert_contents(place->path, "early");
    assert_int_equal(entries(place->directory), 1);
}

static void links_are_refused(void **state)
{
    struct place *place = *state;
    static const char reason[] = "is a symbolic link: name the file that it leads to";
    char path[96];

    snprintf(path, sizeof path, "%s/link", place->directory);
    assert_int_equal(symlink("r.txt", path), 0);
    assert_false(write_text(path, "new", true)); /* it leads nowhere */
    assert_said(path, reason);
    assert_true(write_text(place->path, "old", false));
    assert_false(file_can_write(path, true, said, sizeof said));
    assert_false(write_text(path, "new", true));
    assert_said(path, reason);
    assert_contents(place->path, "old");

    /* One that appears while a file is written is replaced itself. */
    struct file_writer writer;
    assert_int_equal(unlink(path), 0);
    assert_true(file_open(&writer, path, true, said, sizeof said));
    assert_int_equal(symlink("r.txt", path), 0);
    fputs("new", writer.stream);
    assert_true(file_commit(&writer, said, sizeof said));
    assert_contents(path, "new");
    assert_contents(place->path, "old");
    assert_int_equal(entries(place->directory), 2);
}

static void leftovers_are_removed(void **state)
{
    struct place *place = *state;
    char *temporary = temporary_name(place->path);
    struct file_writer writer;

    assert_true(write_text(temporary, "half", false));
    assert_true(file_can_write(place->path, false, said, sizeof said));
    assert_int_equal(entries(place->directory), 0);
    assert_true(file_open(&writer, place->path, false, said, sizeof said));
    assert_true(file_can_write(place->path, false, said, sizeof said)); /* another process */
    assert_int_equal(entries(place->directory), 1);
    assert_true(file_commit(&writer, said, sizeof said));
    free(temporary);
}

/* A new file has what the umask leaves, one that is replaced keeps its permissions. */
static void permissions_are_the_umasks_or_the_old_ones(void **state)
{
    static const struct {
        mode_t mask, old, expected; /* old 0: there is no file yet */
    } rows[] = { { 022, 0, 0644 }, { 077, 0, 0600 },    { 0, 0, 0666 },
                 { 022, 01, 01 },  { 077, 0644, 0644 }, { 022, 0777, 0777 } };
    struct place *place = *state;
    struct stat status;

    for (size_t i = 0; i < sizeof rows / sizeof *rows; i++) {
        if (rows[i].old != 0)
            assert_true(write_text(place->path, "old", true) && chmod(place->path, rows[i].old) == 0);
        mode_t before = umask(rows[i].mask);
        bool is_written = write_text(place->path, "new", true);
        umask(before);
        assert_true(is_written);
        assert_int_equal(stat(place->path, &status), 0);
        assert_int_equal(status.st_mode & 07777, rows[i].expected);
        assert_int_equal(unlink(place->path), 0);
    }
}

static void devices_are_written_in_place(void **state)
{
    (void)state;
    struct stat status;

    assert_false(write_text("/dev/full", "text", true));
    assert_string_equal(said, "/dev/full: No space left on device");
    assert_int_equal(stat("/dev/full", &status), 0);
    assert_true(S_ISCHR(status.st_mode));
    assert_true(write_text("/dev/null", "text", false));
    assert_int_equal(stat("/dev/null", &status), 0);
    assert_true(S_ISCHR(status.st_mode));
}

/* Runs it in a child, whose limits, user or standard output it changes; it returns whether all went well. */
static void assert_in_child(bool (*run)(struct place *place), struct place *place)
{
    int status;
    pid_t child = fork();

    if (child == 0)
        _exit(run(place) ? 42 : 1);
    assert_int_equal(waitpid(child, &status, 0), child);
    assert_true(WIFEXITED(status));
    assert_int_equal(WEXITSTATUS(status), 42);
}

static bool write_limited(struct place *place)
{
    struct rlimit limit = { 1000, 1000 };
    char text[2000] = "";

    memset(text, 'x', sizeof text - 1);
    setrlimit(RLIMIT_FSIZE, &limit);
    return !write_text(place->path, text, true) && strstr(said, "cannot be written: File too large") != NULL;
}

/* SIGXFSZ would end it with a signal. */
static void a_size_limit_leaves_the_old_file(void **state)
{
    struct place *place = *state;

    assert_true(write_text(place->path, "old", false));
    assert_in_child(write_limited, place);
    assert_contents(place->path, "old");
    assert_int_equal(entries(place->directory), 1);
}

/* A read-only directory stops everyone but root, so the child becomes nobody. */
static bool write_as_nobody(struct place *place)
{
    if ((getuid() == 0 && setuid(65534) != 0) || file_can_write(place->path, false, said, sizeof said))
        return false;
    return !write_text(place->path, "text", false) && strstr(said, "cannot be created: Permission denied") != NULL;
}

static void a_read_only_directory_is_an_error(void **state)
{
    struct place *place = *state;

    assert_int_equal(chmod(place->directory, 0555), 0);
    assert_in_child(write_as_nobody, place);
    assert_int_equal(chmod(place->directory, 0755), 0);
    assert_int_equal(entries(place->directory), 0);
}

/* The temporary file has the lowest descriptor then. */
static bool write_without_input(struct place *place)
{
    struct stat status;

    return chmod(place->path, 0640) == 0 && close(STDIN_FILENO) == 0 && write_text(place->path, "new", true) &&
           stat(place->path, &status) == 0 && (status.st_mode & 0777) == 0640;
}

static void a_closed_input_changes_nothing(void **state)
{
    struct place *place = *state;

    assert_true(write_text(place->path, "old", false));
    assert_in_child(write_without_input, place);
    assert_contents(place->path, "new");
}

static bool write_to_closed_pipe(struct place *place)
{
    int ends[2];

    (void)place;
    if (pipe(ends) != 0 || dup2(ends[1], STDOUT_FILENO) < 0)
        return false;
    close(ends[0]);
    return !write_text("-", "text", false) && strcmp(said, "standard output: Broken pipe") == 0;
}

static void a_closed_pipe_is_an_error(void **state) { assert_in_child(write_to_closed_pipe, *state); }

static void unreadable_files_are_named(void **state)
{
    struct place *place = *state;
    size_t count;

    assert_null(file_read_bytes(place->path, 100, &count, said, sizeof said));
    assert_said(place->path, "No such file or directory");
    assert_null(file_read_bytes(place->directory, 100, &count, said, sizeof said));
    assert_said(place->directory, "is a directory");
    assert_null(file_read_bytes("/dev/zero", 100, &count, said, sizeof said));
    assert_string_equal(said, "/dev/zero: is a device");
    assert_true(write_text(place->path, "text", false));
    assert_null(file_read_bytes(place->path, 3, &count, said, sizeof said));
    assert_said(place->path, "has 4 bytes, more than 3");
    assert_null(file_read_bytes("/proc/self/maps", 3, &count, said, sizeof said)); /* its size is unknown */
    assert_string_equal(said, "/proc/self/maps: has too many bytes");
    assert_false(write_text(place->directory, "text", true));
    assert_said(place->directory, "is a directory");
    assert_false(file_can_write("/nonexistent/x", false, said, sizeof said));
}

/* --- what is synced, in which order; stands in for the C library's function --- */

static struct {
    char order[8]; /* 'f': a file, 'd': a directory */
    size_t count;
    const int *errors; /* of the calls, 0: it succeeds; NULL: nobody asks */
} syncs;

int fsync(int file)
{
    struct stat status;
    int error = 0;

    if (syncs.errors != NULL) {
        assert_true(syncs.count + 1 < sizeof syncs.order);
        assert_int_equal(fstat(file, &status), 0);
        error = syncs.errors[syncs.count];
        syncs.order[syncs.count++] = S_ISDIR(status.st_mode) ? 'd' : 'f';
    }
    if (error == 0)
        return (int)syscall(SYS_fsync, file);
    errno = error;
    return -1;
}

/* The file is on disk before its name, and the name before anyone is told. An interrupted sync is repeated, and a file
 * system that cannot sync directories is none's fault. */
static void file_and_directory_are_synced(void **state)
{
    static const struct {
        const char *label;
        int errors[8];
        const char *order, *reason, *contents; /* reason: NULL when it is written */
    } rows[] = {
        { "all succeed", { 0 }, "fd", NULL, "new" },
        { "the file is interrupted", { EINTR, EINTR }, "fffd", NULL, "new" },
        { "no sync of directories", { 0, EINVAL }, "fd", NULL, "new" },
        { "the file fails", { EIO }, "f", "cannot be written: Input/output error", "old" },
        { "the directory fails", { 0, EIO }, "fd", "its directory cannot be synced: Input/output error", "new" },
    };
    struct place *place = *state;

    for (size_t i = 0; i < sizeof rows / sizeof *rows; i++) {
        assert_true(write_text(place->path, "old", true));
        memset(&syncs, 0, sizeof syncs);
        syncs.errors = rows[i].errors;
        bool is_written = write_text(place->path, "new", true);
        syncs.errors = NULL;
        if (is_written != (rows[i].reason == NULL) || strcmp(syncs.order, rows[i].order) != 0)
            fail_msg("%s: synced '%s'", rows[i].label, syncs.order);
        if (!is_written)
            assert_said(place->path, rows[i].reason);
        assert_contents(place->path, rows[i].contents);
        assert_int_equal(entries(place->directory), 1);
    }
}

/* --- another process cleans up between any two steps; stands in for the C library's functions --- */

static const char *cleaned; /* a directory, or NULL */

static void clean(void)
{
    const char *directory = cleaned;

    cleaned = NULL; /* the cleaner opens and closes files, too */
    if (directory != NULL)
        temporaries_remove(directory, NULL);
    cleaned = directory;
}

int close(int file)
{
    int status = (int)syscall(SYS_close, file);

    clean();
    return status;
}

int renameat2(int from_directory, const char *from, int to_directory, const char *to, unsigned flags)
{
    clean();
    return (int)syscall(SYS_renameat2, from_directory, from, to_directory, to, flags);
}

int rename(const char *from, const char *to) { return renameat2(AT_FDCWD, from, AT_FDCWD, to, 0); }

static void cleaners_take_nothing_that_is_written(void **state)
{
    struct place *place = *state;

    cleaned = place->directory;
    bool is_new = write_text(place->path, "new", false), is_replaced = write_text(place->path, "more", true);
    cleaned = NULL;
    if (!is_new || !is_replaced)
        fail_msg("%s", said);
    assert_contents(place->path, "more");
    assert_int_equal(entries(place->directory), 1);
}

/* --- a regular file takes a pipe's place between two looks at it; stands in for the C library's function --- */

static const char *replaced; /* what happens to when it is looked at, or NULL */

int stat(const char *path, struct stat *status)
{
    int result = fstatat(AT_FDCWD, path, status, 0);

    if (replaced != NULL && strcmp(path, replaced) == 0) {
        unlink(path);
        syscall(SYS_close, open(path, O_WRONLY | O_CREAT | O_CLOEXEC, 0644));
    }
    return result;
}

static void what_takes_a_pipes_place_is_not_written(void **state)
{
    struct place *place = *state;

    assert_int_equal(mkfifo(place->path, 0644), 0);
    replaced = place->path;
    bool is_written = write_text(place->path, "text", false);
    replaced = NULL;
    assert_false(is_written);
    assert_said(place->path, "File exists");
    assert_contents(place->path, "");
}

#define FILE_TEST(function) cmocka_unit_test_setup_teardown(function, set_up, tear_down)

int main(void)
{
    const struct CMUnitTest tests[] = {
        FILE_TEST(overwrites_only_by_force),
        FILE_TEST(appears_at_the_end),
        FILE_TEST(links_are_refused),
        FILE_TEST(leftovers_are_removed),
        FILE_TEST(permissions_are_the_umasks_or_the_old_ones),
        FILE_TEST(devices_are_written_in_place),
        FILE_TEST(a_size_limit_leaves_the_old_file),
        FILE_TEST(a_read_only_directory_is_an_error),
        FILE_TEST(a_closed_pipe_is_an_error),
        FILE_TEST(a_closed_input_changes_nothing),
        FILE_TEST(unreadable_files_are_named),
        FILE_TEST(file_and_directory_are_synced),
        FILE_TEST(cleaners_take_nothing_that_is_written),
        FILE_TEST(what_takes_a_pipes_place_is_not_written),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
