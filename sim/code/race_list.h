/* SPDX-License-Identifier: Apache-2.0
 *
 * The races that an exploration found, for people: by their names in the source, one entry for each pair of lines.
 */
#ifndef CODE_RACE_LIST_H
#define CODE_RACE_LIST_H

#include <stdio.h>

#include "code/races.h"
#include "machine/explored.h"

#define RACE_MEMORY_MAX 3
#define RACE_LOCKS_MAX 4

/* One side of a race. */
struct race_side {
    struct race_site site;
    char place[96];                 /* "hvm.c:781 hvm_dirq_assist" */
    char locks[RACE_LOCKS_MAX][64]; /* held at each access */
    size_t lock_count, locks_left_out;
};

struct race_entry {
    char memory[RACE_MEMORY_MAX][96]; /* "pirq0->arch.hvm.dpci.state" */
    size_t memory_count, memory_left_out;
    char last_memory[96];
    bool is_interrupt;         /* between a handler and what it interrupts; otherwise between CPUs */
    struct race_side sides[2]; /* may be the same line */
};

struct race_list {
    struct race_entry *entries; /* ascending by the memory of each */
    size_t count;
    size_t freed; /* races with nothing but the free of the object */
    size_t unpaired; /* others, each pair of whose known sites shares a lock, or is atomic */
    struct code_source *source; /* for the stacks; NULL: the object has no debug information */
};

/* Of the world that `explored` belongs to, which must be open and have booted a code object. Pairs of atomic accesses
 * are left out. The list is valid after the world is closed, as long as the object is open; the caller frees it. */
struct race_list *race_list_new(const struct explored *explored);
void race_list_free(struct race_list *list); /* NULL is allowed */

/* "write" or "atomic rmw". */
const char *race_side_access(const struct race_side *side);

/* A block of lines for each entry; nothing for an empty list. */
void race_list_print(const struct race_list *list, FILE *stream);

#endif
