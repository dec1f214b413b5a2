/* SPDX-License-Identifier: Apache-2.0
 *
 * Temporary files and directories of tests.
 */
#ifndef TESTS_TEMPORARY_H
#define TESTS_TEMPORARY_H

#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/types.h>
#include <unistd.h>

/* Replaces the XXXXXX before the suffix of `path`, as in "/tmp/irqpath-XXXXXX.xml", and creates the file, empty. The
 * caller unlinks it. */
static inline void temporary_file(char *path, const char *suffix)
{
    int file = mkstemps(path, (int)strlen(suffix));

    assert_true(file >= 0);
    assert_int_equal(close(file), 0);
}

/* Replaces the XXXXXX at the end of `path` and creates the directory. */
static inline void temporary_directory(char *path) { assert_non_null(mkdtemp(path)); }

/* With all that is in it. */
static inline void temporary_directory_remove(const char *path)
{
    char command[256];

    assert_true((size_t)snprintf(command, sizeof(command), "rm -r '%s'", path) < sizeof(command));
    assert_int_equal(system(command), 0); /* NOLINT(cert-env33-c): a fixed command */
}

/* --- a directory of the test program's own --- */

static inline char *temporary_own(void)
{
    static char path[] = "/tmp/irqpath-own-XXXXXX";

    return path;
}

static inline pid_t *temporary_owner(void)
{
    static pid_t owner;

    return &owner;
}

static inline void temporary_own_remove(void)
{
    char command[64];

    if (*temporary_owner() != getpid())
        return;
    snprintf(command, sizeof(command), "rm -rf '%s'", temporary_own());
    if (system(command) != 0) /* NOLINT(cert-env33-c): a fixed command */
        fprintf(stderr, "%s cannot be removed\n", temporary_own());
}

/* The path of that name in a directory that no other process has, and that is removed when this one exits; valid until
 * then. */
static inline const char *temporary_path(const char *name)
{
    struct path {
        struct path *next;
        char text[96];
    };
    static struct path *first;
    struct path *path = first;
    size_t bytes = strlen(temporary_own());

    while (path != NULL && strcmp(path->text + bytes + 1, name) != 0)
        path = path->next;
    if (path != NULL)
        return path->text;
    if (first == NULL) {
        temporary_directory(temporary_own());
        *temporary_owner() = getpid();
        assert_int_equal(atexit(temporary_own_remove), 0);
    }
    path = malloc(sizeof *path);
    assert_non_null(path);
    assert_true((size_t)snprintf(path->text, sizeof path->text, "%s/%s", temporary_own(), name) < sizeof path->text);
    path->next = first;
    first = path;
    return path->text;
}

#endif
