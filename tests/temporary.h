/* SPDX-License-Identifier: Apache-2.0
 *
 * Temporary files and directories of tests.
 */
#ifndef TESTS_TEMPORARY_H
#define TESTS_TEMPORARY_H

#include <stdio.h>
#include <stdlib.h>
#include <string.h>
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

#endif
