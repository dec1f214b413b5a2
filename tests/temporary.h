/* SPDX-License-Identifier: Apache-2.0
 *
 * Temporary files of tests.
 */
#ifndef TESTS_TEMPORARY_H
#define TESTS_TEMPORARY_H

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

#endif
