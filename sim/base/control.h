/* SPDX-License-Identifier: Apache-2.0
 *
 * Control characters of a UTF-8 text, which a terminal may obey: C0 (tabs and line ends among them), DEL and C1. The
 * names of files and what a user typed may have them, and need not be UTF-8.
 */
#ifndef BASE_CONTROL_H
#define BASE_CONTROL_H

#include <stddef.h>
#include <stdint.h>

/* Length in bytes of the control character at `at`, 1 or 2; 0 when another character is there, or `at` is the end. */
static inline size_t control_bytes(const char *at, const char *end)
{
    const uint8_t first = at < end ? (uint8_t)at[0] : ' ';
    const uint8_t second = end - at > 1 ? (uint8_t)at[1] : ' ';

    if (first < 0x20 || first == 0x7F)
        return 1;
    return first == 0xC2 && second >= 0x80 && second < 0xA0 ? 2 : 0;
}

/* The control character of this length: a C1 character is the second byte of its two. */
static inline unsigned control_code(const char *at, size_t bytes) { return (uint8_t)at[bytes - 1]; }

/* The first control character in `at`, or NULL. */
static inline const char *control_find(const char *at, const char *end)
{
    while (at < end && control_bytes(at, end) == 0)
        at++;
    return at < end ? at : NULL;
}

/* Length in bytes of the UTF-8 character at `text`, which is before `text_end`; 0 when there is none. */
size_t utf8_bytes(const char *text, const char *text_end);

/* Replaces control characters, except the ends of lines, and what is not UTF-8 by '?', so that a terminal can be given
 * the text. */
void control_clean(char *text);

#endif
