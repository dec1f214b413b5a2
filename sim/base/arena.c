/* SPDX-License-Identifier: Apache-2.0
 *
 * The arena is one anonymous mapping, allocated from the bottom up. Fresh pages are zero and no byte is allocated
 * twice, so memory needs no clearing.
 */
#define _DEFAULT_SOURCE
#include "base/arena.h"

#include <stdint.h>
#include <stdlib.h>
#include <sys/mman.h>

#include "base/check.h"

/* Part of the AddressSanitizer runtime; NULL without it. Declared here because its header is an optional package. */
void __asan_unpoison_memory_region(const volatile void *address, size_t bytes) __attribute__((weak));

bool arena_init(struct arena *arena, size_t reserve_bytes)
{
    void *base;

    CHECK(reserve_bytes > 0);
    *arena = (struct arena){ .base = NULL };
    base = mmap(NULL, reserve_bytes, PROT_READ | PROT_WRITE, MAP_PRIVATE | MAP_ANONYMOUS | MAP_NORESERVE, -1, 0);
    if (base == MAP_FAILED)
        return false;
    arena->base = base;
    arena->reserved = reserve_bytes;
    return true;
}

void arena_use_huge_pages(struct arena *arena)
{
#ifdef MADV_HUGEPAGE
    (void)madvise(arena->base, arena->reserved, MADV_HUGEPAGE); /* advice, which may be refused */
#else
    (void)arena;
#endif
}

void *arena_alloc(struct arena *arena, size_t bytes, size_t align)
{
    size_t start;

    CHECK(!arena->is_sealed);
    CHECK(align > 0 && (align & (align - 1)) == 0);
    start = (size_t)(-(uintptr_t)(arena->base + arena->used) & (align - 1));
    CHECK(start <= arena->reserved - arena->used && bytes <= arena->reserved - arena->used - start);
    start += arena->used;
    arena->used = start + bytes;
    return arena->base + start;
}

void arena_seal(struct arena *arena)
{
    CHECK(arena->base != NULL);
    arena->is_sealed = true;
}

void arena_exclude(struct arena *arena, const void *from, size_t bytes)
{
    if (!arena->records_excluded)
        return;
    CHECK((const char *)from >= arena->base && (const char *)from + bytes <= arena->base + arena->used);
    arena->excluded = realloc(arena->excluded, (arena->excluded_count + 1) * sizeof(*arena->excluded));
    CHECK(arena->excluded != NULL);
    arena->excluded[arena->excluded_count++] =
        (struct arena_range){ (size_t)((const char *)from - arena->base), bytes };
}

void arena_drop(struct arena *arena)
{
    if (arena->base != NULL) {
        /* Stack frames of unfinished coroutines would stay poisoned for the next mapping at these addresses. */
        if (__asan_unpoison_memory_region)
            __asan_unpoison_memory_region(arena->base, arena->used);
        CHECK(munmap(arena->base, arena->reserved) == 0);
    }
    free(arena->excluded);
    *arena = (struct arena){ .base = NULL };
}
