/* SPDX-License-Identifier: Apache-2.0
 *
 * What the hash tables of the search have in common: open addressing with 32-bit entries in shared memory. An entry
 * holds a number in its low bits, as many as the table's size needs, and a part of the hash above them, which saves
 * most looks at what the number stands for. 0 is a free entry, so that numbers start at 1.
 */
#ifndef EXPLORE_HASH_TABLE_H
#define EXPLORE_HASH_TABLE_H

#include <stdint.h>

#include "base/cycles.h"

static inline uint64_t hash_fold(uint64_t a, uint64_t b)
{
    uint128 product = (uint128)a * b;

    return (uint64_t)product ^ (uint64_t)(product >> 64);
}

static inline uint64_t hash_words(const uint64_t *words, uint32_t count)
{
    uint64_t a = count + 0xa0761d6478bd642fu, b = 0x8ebc6af09c88c6e3u;
    uint32_t i = 0;

    for (; i + 1 < count; i += 2, b += 0x589965cc75374cc3u)
        a = hash_fold(words[i] ^ a, words[i + 1] ^ b);
    if (i < count)
        a = hash_fold(words[i] ^ a, b);
    return hash_fold(a, 0x9e3779b97f4a7c15u);
}

/* The bits of an entry that hold the number. `size` is a power of two, and no number exceeds it. */
static inline uint32_t hash_number_mask(uint64_t size) { return (uint32_t)(2 * size - 1); }

static inline uint32_t hash_entry(uint64_t hash, uint64_t size, uint32_t number)
{
    return ((uint32_t)(hash >> 32) & ~hash_number_mask(size)) | number;
}

/* Whether the entry's part of the hash is that of `hash`. */
static inline bool hash_may_be(uint32_t entry, uint64_t hash, uint64_t size)
{
    return ((entry ^ (uint32_t)(hash >> 32)) & ~hash_number_mask(size)) == 0;
}

#endif
