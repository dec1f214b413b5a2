/* SPDX-License-Identifier: Apache-2.0
 *
 * Writing a file is atomic under errors: full disks, file-size limits, directories that cannot be written.
 */
#define _GNU_SOURCE
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <cmocka.h>

#include <dirent.h>
#include <fcntl.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/resource.h>
#include <sys/stat.h>
#include <sys/wait.h>
#include <unistd.h>

#include "result/file.h"
#include "result_samples.h"
#include "temporary.h"

struct place {
    char directory[64];
    char path[96];
};

static int set_up(void **state)
{
    struct place *place = calloc(1, sizeof *place);
    strcpy(place->directory, "/tmp/irqpath-test-XXXXXX");
    temporary_directory(place->directory);
    snprintf(place->path, sizeof place->path, "%s/r.cbor", place->directory);
    *state = place;
    return 0;
}

static int tear_down(void **state)
{
    struct place *place = *state;

    temporary_directory_remove(place->directory);
    free(place);
    return 0;
}

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

static struct result_set one_result(uint64_t seed)
{
    struct result_set set;
    struct result result = sample_result("softirq-requeue", seed, 100);
    result_set_init(&set);
    result_set_append(&set, &result);
    return set;
}

static uint64_t seed_in(const char *path)
{
    struct result_set set;
    char message[300];
    result_set_init(&set);
    if (!result_file_read(&set, path, message, sizeof message))
        fail_msg("%s", message);
    uint64_t seed = set.results[0].seed;
    result_set_free(&set);
    return seed;
}

static void overwrites_only_by_force(void **state)
{
    struct place *place = *state;
    struct result_set first = one_result(1), second = one_result(2);
    char message[300] = "";

    assert_true(result_file_can_write(place->path, false, message, sizeof message));
    assert_true(result_file_write(&first, place->path, false, message, sizeof message));
    assert_false(result_file_can_write(place->path, false, message, sizeof message));
    assert_false(result_file_write(&second, place->path, false, message, sizeof message));
    assert_non_null(strstr(message, "r.cbor: already exists (--force overwrites it)"));
    assert_int_equal(seed_in(place->path), 1);
    assert_true(result_file_can_write(place->path, true, message, sizeof message));
    assert_true(result_file_write(&second, place->path, true, message, sizeof message));
    assert_int_equal(seed_in(place->path), 2);
    assert_int_equal(entries(place->directory), 1);
    result_set_free(&first);
    result_set_free(&second);
}

static void a_link_stays_a_link(void **state)
{
    struct place *place = *state;
    struct result_set set = one_result(3);
    struct stat status;
    char message[300], link_path[96];

    snprintf(link_path, sizeof link_path, "%s/link", place->directory);
    assert_true(file_write(place->path, "old", 3, false, message, sizeof message));
    assert_int_equal(symlink("r.cbor", link_path), 0);
    assert_true(result_file_write(&set, link_path, true, message, sizeof message));
    assert_int_equal(lstat(link_path, &status), 0);
    assert_true(S_ISLNK(status.st_mode));
    assert_int_equal(seed_in(place->path), 3);
    result_set_free(&set);
}

static void devices_are_written_in_place(void **state)
{
    (void)state;
    struct result_set set = one_result(1);
    struct stat status;
    char message[300] = "";

    assert_false(result_file_write(&set, "/dev/full", true, message, sizeof message));
    assert_string_equal(message, "/dev/full: No space left on device");
    assert_int_equal(stat("/dev/full", &status), 0);
    assert_true(S_ISCHR(status.st_mode));
    assert_true(result_file_write(&set, "/dev/null", false, message, sizeof message));
    assert_int_equal(stat("/dev/null", &status), 0);
    assert_true(S_ISCHR(status.st_mode));
    result_set_free(&set);
}

/* In a child, as the limit cannot be raised again by everyone. SIGXFSZ would end it with a signal. */
static void a_size_limit_leaves_the_old_file(void **state)
{
    struct place *place = *state;
    struct result_set first = one_result(1), second = one_result(2);
    char message[300] = "";

    assert_true(result_file_write(&first, place->path, false, message, sizeof message));
    pid_t child = fork();
    if (child == 0) {
        struct rlimit limit = { 1000, 1000 };
        setrlimit(RLIMIT_FSIZE, &limit);
        bool is_good = result_file_write(&second, place->path, true, message, sizeof message);
        _exit(!is_good && strstr(message, "cannot be written: File too large") != NULL ? 42 : 1);
    }
    int status;
    assert_int_equal(waitpid(child, &status, 0), child);
    assert_true(WIFEXITED(status));
    assert_int_equal(WEXITSTATUS(status), 42);
    assert_int_equal(seed_in(place->path), 1);
    assert_int_equal(entries(place->directory), 1);
    result_set_free(&first);
    result_set_free(&second);
}

/* A read-only directory stops everyone but root, so the child becomes nobody. */
static void a_read_only_directory_is_an_error(void **state)
{
    struct place *place = *state;
    struct result_set set = one_result(1);

    assert_int_equal(chmod(place->directory, 0555), 0);
    pid_t child = fork();
    if (child == 0) {
        char message[300] = "";
        if (getuid() == 0 && setuid(65534) != 0)
            _exit(2);
        if (result_file_can_write(place->path, false, message, sizeof message))
            _exit(3);
        bool is_good = result_file_write(&set, place->path, false, message, sizeof message);
        _exit(!is_good && strstr(message, "cannot be created: Permission denied") != NULL ? 42 : 1);
    }
    int status;
    assert_int_equal(waitpid(child, &status, 0), child);
    assert_true(WIFEXITED(status));
    assert_int_equal(WEXITSTATUS(status), 42);
    assert_int_equal(chmod(place->directory, 0755), 0);
    assert_int_equal(entries(place->directory), 0);
    result_set_free(&set);
}

static void a_closed_pipe_is_an_error(void **state)
{
    (void)state;
    pid_t child = fork();
    if (child == 0) {
        struct result_set set = one_result(1);
        int ends[2];
        char message[300] = "";
        if (pipe(ends) != 0 || dup2(ends[1], STDOUT_FILENO) < 0)
            _exit(2);
        close(ends[0]);
        bool is_good = result_file_write(&set, "-", false, message, sizeof message);
        _exit(!is_good && strcmp(message, "standard output: Broken pipe") == 0 ? 42 : 1);
    }
    int status;
    assert_int_equal(waitpid(child, &status, 0), child);
    assert_true(WIFEXITED(status));
    assert_int_equal(WEXITSTATUS(status), 42);
}

static void unreadable_files_are_named(void **state)
{
    struct place *place = *state;
    struct result_set set;
    char message[300] = "", expected[300];

    result_set_init(&set);
    assert_false(result_file_read(&set, place->path, message, sizeof message));
    snprintf(expected, sizeof expected, "%s: No such file or directory", place->path);
    assert_string_equal(message, expected);
    assert_false(result_file_read(&set, place->directory, message, sizeof message));
    assert_non_null(strstr(message, "Is a directory"));
    assert_true(file_write(place->path, "# text", 6, false, message, sizeof message));
    assert_false(result_file_read(&set, place->path, message, sizeof message));
    snprintf(expected, sizeof expected, "%s: byte 0: expected a map, found something else", place->path);
    assert_string_equal(message, expected);
    assert_false(result_file_write(&set, place->directory, true, message, sizeof message));
    assert_false(result_file_can_write("/nonexistent/x", false, message, sizeof message));
    assert_int_equal(set.count, 0);
}

static void reading_appends(void **state)
{
    struct place *place = *state;
    struct result_set set = one_result(1), read;
    char message[300];

    assert_true(result_file_write(&set, place->path, false, message, sizeof message));
    result_set_init(&read);
    assert_true(result_file_read(&read, place->path, message, sizeof message));
    assert_true(result_file_read(&read, place->path, message, sizeof message));
    assert_int_equal(read.count, 2);
    assert_string_equal(read.results[1].design, "softirq-requeue");
    result_set_free(&read);
    result_set_free(&set);
}

#define FILE_TEST(function) cmocka_unit_test_setup_teardown(function, set_up, tear_down)

int main(void)
{
    const struct CMUnitTest tests[] = {
        FILE_TEST(overwrites_only_by_force),          FILE_TEST(a_link_stays_a_link),
        FILE_TEST(devices_are_written_in_place),      FILE_TEST(a_size_limit_leaves_the_old_file),
        FILE_TEST(a_read_only_directory_is_an_error), FILE_TEST(a_closed_pipe_is_an_error),
        FILE_TEST(unreadable_files_are_named),        FILE_TEST(reading_appends),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
