/* SPDX-License-Identifier: Apache-2.0
 *
 * The program's malloc, calloc and realloc, which its libraries call, too: they do not return without memory, but end
 * the program. So no library has to be trusted to look at what it gets, or to say what it missed.
 * The memory is the C library's, which frees it. Tests replace what these three stand on (tests/faults/shim.c).
 */
#include <stddef.h>
#include <stdlib.h>

#include "base/check.h"

/* Of the GNU C library: the functions behind the names that this file takes. */
void *__libc_malloc(size_t bytes);
void *__libc_calloc(size_t count, size_t bytes);
void *__libc_realloc(void *memory, size_t bytes);

void *malloc(size_t bytes)
{
    void *memory = __libc_malloc(bytes);

    if (memory == NULL)
        check_no_memory("");
    return memory;
}

void *calloc(size_t count, size_t bytes)
{
    void *memory = __libc_calloc(count, bytes);

    if (memory == NULL)
        check_no_memory("");
    return memory;
}

/* NULL is what is left of memory that is given back. */
void *realloc(void *memory, size_t bytes)
{
    void *moved = __libc_realloc(memory, bytes);

    if (moved == NULL && (memory == NULL || bytes > 0))
        check_no_memory("");
    return moved;
}
