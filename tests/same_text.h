/* SPDX-License-Identifier: Apache-2.0
 *
 * Texts that tests expect in files of their own, which a test's --write makes.
 */
#ifndef TESTS_SAME_TEXT_H
#define TESTS_SAME_TEXT_H

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "contents.h"

static inline void same_text_write(const char *path, const char *text)
{
    FILE *file = fopen(path, "w");

    assert_non_null(file);
    assert_true(fputs(text, file) >= 0);
    assert_int_equal(fclose(file), 0);
}

/* Says in which line the file and the text first differ. */
static inline void same_text_assert(const char *path, const char *text)
{
    char *lines = contents(path);
    unsigned number = 1;

    for (const char *expected = lines; *expected != '\0' || *text != '\0'; number++) {
        size_t wanted = strcspn(expected, "\n"), got = strcspn(text, "\n");
        if (wanted != got || memcmp(expected, text, got) != 0)
            fail_msg("%s:%u: expected\n%.*s\nfound\n%.*s", path, number, (int)wanted, expected, (int)got, text);
        expected += wanted + (expected[wanted] != '\0');
        text += got + (text[got] != '\0');
    }
    free(lines);
}

#endif
