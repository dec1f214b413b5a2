/* SPDX-License-Identifier: Apache-2.0
 *
 * What stands in a file. Include cmocka.h first.
 */
#ifndef TESTS_CONTENTS_H
#define TESTS_CONTENTS_H

#include "base/file.h"

/* The caller frees the text, which ends with a zero. A file that cannot be read fails the test. */
static inline char *contents(const char *path)
{
    char message[300];
    size_t count;
    char *bytes = file_read_bytes(path, 1 << 26, &count, message, sizeof message);

    if (bytes == NULL)
        fail_msg("%s", message);
    return bytes;
}

#endif
