/* SPDX-License-Identifier: Apache-2.0
 *
 * A set of strings of 8-byte words, in memory shared by all workers: equal strings have the same id, and different
 * strings have different ids. All workers add strings concurrently. Ids depend on the order of adding; id 0 is none.
 */
#ifndef EXPLORE_STRINGS_H
#define EXPLORE_STRINGS_H

#include <stdatomic.h>
#include <stdbool.h>
#include <stdint.h>

#include "explore/workers.h"

#define STRINGS_NONE 0u

struct string_place {
    uint64_t start : 40, words : 24; /* in the pool */
};

/* The counters that change after the fork, in shared memory. */
struct strings_counts {
    _Atomic uint64_t used;  /* words of the pool */
    _Atomic uint64_t count; /* of ids */
    uint64_t table_size;
};

struct strings {
    struct strings_counts *counts;
    uint64_t *pool;
    struct string_place *places;       /* by id; NULL: each string is a single word, in the pool by id */
    _Atomic uint32_t *notes;           /* by id: for the owner's use, 0 at first; only of single words */
    _Atomic uint32_t *table;           /* open addressing: a part of the hash above the id (hash_table.h), 0: free */
    struct strings_recent *recent;     /* of this process; NULL: of single words, most of which are rare */
    uint64_t string_max, word_max, table_max;
};

/* Room for `string_max` strings of together `word_max` words, or for as many single words other than 0, which take less
 * memory; pages are committed when touched. */
void strings_init(struct strings *strings, uint64_t string_max, uint64_t word_max);
void strings_init_single(struct strings *strings, uint64_t string_max);
void strings_free(struct strings *strings);

/* Whether the table has room for `more` strings. When it has not, one worker calls strings_grow while the others
 * wait. */
bool strings_have_room(const struct strings *strings, uint64_t more);
void strings_grow(struct strings *strings, uint64_t more);

/* Whether nothing can be added any more, because string_max or word_max is near. */
bool strings_are_full(const struct strings *strings);

/* Returns the id of the string and adds it if it is new. words in 1..2^24-1. */
uint32_t strings_add(struct strings *strings, const uint64_t *words, uint32_t count);

/* The same in two parts, so that what the look-up needs can be on its way to the cache between them: the first returns
 * the string's hash. */
uint64_t strings_prefetch(const struct strings *strings, const uint64_t *words, uint32_t count);
uint32_t strings_add_hashed(struct strings *strings, const uint64_t *words, uint32_t count, uint64_t hash);

static inline struct string_place strings_place(const struct strings *strings, uint32_t id)
{
    return strings->places != NULL ? strings->places[id] : (struct string_place){ id, strings->pool[id] != 0 };
}

static inline const uint64_t *strings_words(const struct strings *strings, uint32_t id, uint32_t *count)
{
    struct string_place place = strings_place(strings, id);

    *count = (uint32_t)place.words;
    return &strings->pool[place.start];
}

/* Memory in use, in bytes. */
uint64_t strings_bytes(const struct strings *strings);

#endif
