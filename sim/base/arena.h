/* SPDX-License-Identifier: Apache-2.0
 *
 * A bump allocator that holds the whole state of one run in one block of address space. Memory is allocated while the
 * model boots and released all at once; single objects are never freed. A snapshot is a copy of [base, base + used).
 */
#ifndef BASE_ARENA_H
#define BASE_ARENA_H

#include <stdbool.h>
#include <stddef.h>

struct arena {
    char *base;
    size_t used;           /* bytes handed out */
    size_t reserved;       /* bytes of address space; pages are committed when touched */
    bool is_sealed;        /* an allocation after arena_seal is a CHECK failure */
    bool records_excluded; /* arena_exclude records ranges; to be set before the first allocation */
    struct arena_range *excluded;
    size_t excluded_count;
};

struct arena_range {
    size_t start, bytes; /* from base */
};

/* Reserves address space. Returns false when mmap fails. */
bool arena_init(struct arena *arena, size_t reserve_bytes);

/* Asks for huge pages, before the memory is used: for thousands of objects that are used in turn, whose small pages
 * would not all be in the TLB. Memory is committed in larger pieces then. Has no effect where the system has no huge
 * pages. */
void arena_use_huge_pages(struct arena *arena);

/* Returns zeroed memory, aligned to `align` (a power of two) and owned by the arena. CHECKs that the memory fits and
 * that the arena is not sealed. */
void *arena_alloc(struct arena *arena, size_t bytes, size_t align);

/* Forbids further allocations; called at the end of boot. */
void arena_seal(struct arena *arena);

/* Excludes a range from the comparison of explored states: counters and statistics, which no modelled code reads. Does
 * nothing unless records_excluded is set. The range must lie in allocated memory. */
void arena_exclude(struct arena *arena, const void *from, size_t bytes);

/* Unmaps the address space; every pointer into it becomes invalid. */
void arena_drop(struct arena *arena);

#define ARENA_EXCLUDE(arena, object) arena_exclude((arena), &(object), sizeof(object))
#define ARENA_NEW(arena, type) ((type *)arena_alloc((arena), sizeof(type), _Alignof(type)))
#define ARENA_ARRAY(arena, type, count) ((type *)arena_alloc((arena), sizeof(type) * (size_t)(count), _Alignof(type)))

#endif
