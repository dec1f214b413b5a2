/* SPDX-License-Identifier: Apache-2.0
 *
 * Allocates and copies.
 */
#include "base/text.h"

#include <stdlib.h>
#include <string.h>

#include "base/check.h"

char *text_copy(const char *text) { return text_copy_bytes(text, strlen(text)); }

char *text_copy_bytes(const char *from, size_t bytes)
{
    char *copy = malloc(bytes + 1);

    CHECK(copy != NULL);
    if (bytes > 0)
        memcpy(copy, from, bytes);
    copy[bytes] = '\0';
    return copy;
}
