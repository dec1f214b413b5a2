/* SPDX-License-Identifier: Apache-2.0
 *
 * Copies of text, which the caller frees. Without memory the program ends.
 */
#ifndef BASE_TEXT_H
#define BASE_TEXT_H

#include <stddef.h>

char *text_copy(const char *text);

/* A copy of `bytes` bytes, which may contain zeros, and a zero after them. `from` may be NULL for none. */
char *text_copy_bytes(const char *from, size_t bytes);

#endif
