/* SPDX-License-Identifier: Apache-2.0 OR MIT
 *
 * memset and its like, which the compiler calls: instrumented accesses of up to eight bytes.
 */
#include "glue.h"

#undef memset
#undef memcpy
#undef memmove
#undef memcmp

void *memset(void *to, int byte, size_t bytes)
{
    unsigned long word = (unsigned char)byte * 0x0101010101010101ul;
    char *at = to;

    for (; bytes >= sizeof(word); bytes -= sizeof(word), at += sizeof(word))
        *(unsigned long *)(void *)at = word;
    for (; bytes; bytes--)
        *at++ = (char)byte;
    return to;
}

void *memcpy(void *to, const void *from, size_t bytes)
{
    char *at = to;
    const char *source = from;

    for (; bytes >= sizeof(long); bytes -= sizeof(long), at += sizeof(long), source += sizeof(long))
        *(unsigned long *)(void *)at = *(const unsigned long *)(const void *)source;
    for (; bytes; bytes--)
        *at++ = *source++;
    return to;
}

void *memmove(void *to, const void *from, size_t bytes)
{
    char *at = to;
    const char *source = from;

    if (at <= source)
        return memcpy(to, from, bytes);
    while (bytes--)
        at[bytes] = source[bytes];
    return to;
}

int memcmp(const void *left, const void *right, size_t bytes)
{
    const unsigned char *l = left, *r = right;

    for (; bytes; bytes--, l++, r++)
        if (*l != *r)
            return *l < *r ? -1 : 1;
    return 0;
}
