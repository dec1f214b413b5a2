/* SPDX-License-Identifier: Apache-2.0
 *
 * Temporaries of killed processes are removed, and those of living ones, and other files, are not.
 */
#define _GNU_SOURCE
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <cmocka.h>

#include <fcntl.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/file.h>
#include <sys/stat.h>
#include <unistd.h>

#include "base/temporaries.h"
#include "temporary.h"

#define DIRECTORY "/tmp/irqpath-test-XXXXXX"

static void make(const char *directory, const char *name)
{
    char path[512];

    snprintf(path, sizeof path, "%s/%s", directory, name);
    int file = open(path, O_CREAT | O_WRONLY | O_EXCL, 0666);
    assert_true(file >= 0);
    assert_int_equal(close(file), 0);
}

static bool is_there(const char *directory, const char *name)
{
    char path[512];
    struct stat status;

    snprintf(path, sizeof path, "%s/%s", directory, name);
    return lstat(path, &status) == 0;
}

/* The last part of a new temporary's name. The caller frees it. */
static char *new_name(const char *path)
{
    char *whole = temporary_name(path), *name = path_name(whole);

    free(whole);
    return name;
}

static void names_are_of_host_and_chance(void **state)
{
    char *one = temporary_name("a/b/r.cbor"), *other = temporary_name("a/b/r.cbor"), *here = temporary_name("r");

    (void)state;
    assert_int_equal(strncmp(one, "a/b/.r.cbor.", strlen("a/b/.r.cbor.")), 0);
    assert_string_equal(one + strlen(one) - 4, ".tmp");
    assert_string_not_equal(one, other);
    assert_int_equal(strncmp(here, "./.r.", strlen("./.r.")), 0);
    free(one);
    free(other);
    free(here);
}

static void long_names_fit(void **state)
{
    char directory[] = DIRECTORY, name[256], path[512];

    (void)state;
    temporary_directory(directory);
    memset(name, 'n', 255);
    name[255] = '\0';
    snprintf(path, sizeof path, "%s/%s", directory, name);
    char *temporary = new_name(path);
    assert_true(strlen(temporary) <= 255);
    make(directory, temporary);
    temporaries_remove(directory, "n");
    assert_true(is_there(directory, temporary));
    temporaries_remove(directory, name);
    assert_false(is_there(directory, temporary));
    free(temporary);
    temporary_directory_remove(directory);
}

static void only_those_of_the_dead_go(void **state)
{
    static const char *const others[] = { "r.cbor",
                                          ".r.cbor.tmp",
                                          ".r.cbor.77.tmp",
                                          ".r.cbor.0123456789abcdef.tmp",
                                          ".r.cbor.elsewhere.0123456789abcdef.tmp",
                                          "r.cbor.h.0123456789abcdef.tmp",
                                          ".r.cbor.h.0123456789abcdeF.tmp" };
    char directory[] = DIRECTORY, path[512];

    (void)state;
    temporary_directory(directory);
    for (size_t i = 0; i < sizeof others / sizeof others[0]; i++)
        make(directory, others[i]);
    char *dead = new_name("r.cbor"), *living = new_name("r.cbor"), *second = new_name("s.cbor"), *link = new_name("r");
    make(directory, dead);
    make(directory, living);
    make(directory, second);
    snprintf(path, sizeof path, "%s/%s", directory, link);
    assert_int_equal(symlink("r.cbor", path), 0);
    snprintf(path, sizeof path, "%s/%s", directory, living);
    int file = open(path, O_WRONLY | O_CLOEXEC);
    assert_int_equal(flock(file, LOCK_EX | LOCK_NB), 0);

    temporaries_remove(directory, "r.cbor");
    assert_false(is_there(directory, dead));
    assert_true(is_there(directory, living) && is_there(directory, second));
    temporaries_remove(directory, NULL);
    assert_false(is_there(directory, second));
    assert_true(is_there(directory, living));
    assert_int_equal(close(file), 0);
    temporaries_remove(directory, NULL);
    assert_false(is_there(directory, living));
    assert_true(is_there(directory, link));
    for (size_t i = 0; i < sizeof others / sizeof others[0]; i++)
        assert_true(is_there(directory, others[i]));
    free(dead);
    free(living);
    free(second);
    free(link);
    temporary_directory_remove(directory);
}

/* The locks of another host may not be seen: its temporaries are old before they go. */
static void those_of_other_hosts_age(void **state)
{
    static const char name[] = ".r.cbor.elsewhere.0123456789abcdef.tmp";
    const struct timespec times[2] = { { .tv_sec = 1000000 }, { .tv_sec = 1000000 } };
    char directory[] = DIRECTORY, path[512];

    (void)state;
    temporary_directory(directory);
    make(directory, name);
    temporaries_remove(directory, NULL);
    assert_true(is_there(directory, name));
    snprintf(path, sizeof path, "%s/%s", directory, name);
    assert_int_equal(utimensat(AT_FDCWD, path, times, 0), 0);
    temporaries_remove(directory, NULL);
    assert_false(is_there(directory, name));
    temporaries_remove("/nowhere", NULL);
    temporary_directory_remove(directory);
}

int main(void)
{
    static const struct CMUnitTest tests[] = {
        cmocka_unit_test(names_are_of_host_and_chance),
        cmocka_unit_test(long_names_fit),
        cmocka_unit_test(only_those_of_the_dead_go),
        cmocka_unit_test(those_of_other_hosts_age),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
