/* SPDX-License-Identifier: Apache-2.0
 *
 * All state of one run: one block of address space, filled from the bottom while booting, dropped whole.
 * Nothing in it is freed by itself. The used part can be snapshot and restored by copying [base, base+used).
 */
#ifndef BASE_ARENA_H
#define BASE_ARENA_H

#include <stdbool.h>
#include <stddef.h>

struct arena {
    char *base;
    size_t used;           /* bytes handed out */
    size_t reserved;       /* bytes of address space; pages are committed when touched */
    bool is_sealed;        /* after boot: an allocation is a CHECK failure */
    bool records_excluded; /* remembers what arena_exclude names; set before anything is allocated */
    struct arena_range *excluded;
    size_t excluded_count;
};

struct arena_range {
    size_t start, bytes; /* from base */
};

/* Reserves address space. False when the system refuses it. */
bool arena_init(struct arena *arena, size_t reserve_bytes);

/* Zeroed memory, aligned to `align` (a power of two), owned by the arena. CHECKs that it fits and is not sealed. */
void *arena_alloc(struct arena *arena, size_t bytes, size_t align);

/* Boot is over. */
void arena_seal(struct arena *arena);

/* Counters and statistics, which no modelled code reads: two explored states that differ in them alone are the same. */
void arena_exclude(struct arena *arena, const void *from, size_t bytes);

/* Returns the address space; every pointer into it dies. */
void arena_drop(struct arena *arena);

#define ARENA_EXCLUDE(arena, object) arena_exclude((arena), &(object), sizeof(object))
#define ARENA_NEW(arena, type) ((type *)arena_alloc((arena), sizeof(type), _Alignof(type)))
#define ARENA_ARRAY(arena, type, count) ((type *)arena_alloc((arena), sizeof(type) * (size_t)(count), _Alignof(type)))

#endif
