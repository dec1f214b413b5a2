/* SPDX-License-Identifier: Apache-2.0
 *
 * One entry for each place of a table by hash; a new one takes the place of what was there.
 */
#include "explore/stack_cache.h"

#include <stdbool.h>
#include <stdlib.h>
#include <string.h>

#include "base/check.h"
#include "explore/columns.h"
#include "explore/hash_table.h"
#include "explore/strings.h"

enum { ENTRIES = 2048 };

struct entry {
    uint32_t to; /* STRINGS_NONE: empty, or the last one that was looked for and is not known yet */
    uint32_t from, depth, line_count;
    uint32_t lines[STACK_LEFT_LINES_MAX];
    uint64_t contents[STACK_LEFT_LINES_MAX][COLUMN_WORDS];
};

struct stack_cache {
    uint32_t unknown; /* for what has no entry */
    struct entry entries[ENTRIES];
};

struct stack_cache *stack_cache_new(void)
{
    struct stack_cache *cache = calloc(1, sizeof(*cache));

    CHECK(cache != NULL);
    return cache;
}

void stack_cache_free(struct stack_cache *cache) { free(cache); }

static uint64_t hash_of(const struct stack_left *left)
{
    uint64_t hash = (uint64_t)left->from << 32 | left->depth;

    for (uint32_t i = 0; i < left->line_count; i++)
        hash = hash_fold(hash ^ hash_words(left->contents[i], COLUMN_WORDS), left->lines[i] + 0x9e3779b97f4a7c15u);
    return hash_fold(hash, 0xa0761d6478bd642fu);
}

static bool is_same(const struct entry *entry, const struct stack_left *left)
{
    if (entry->from != left->from || entry->depth != left->depth || entry->line_count != left->line_count)
        return false;
    for (uint32_t i = 0; i < left->line_count; i++)
        if (entry->lines[i] != left->lines[i] || memcmp(entry->contents[i], left->contents[i], COLUMN_BYTES) != 0)
            return false;
    return true;
}

uint32_t *stack_cache_find(struct stack_cache *cache, const struct stack_left *left)
{
    struct entry *entry;

    if (left->line_count > STACK_LEFT_LINES_MAX) {
        cache->unknown = STRINGS_NONE;
        return &cache->unknown;
    }
    entry = &cache->entries[hash_of(left) % ENTRIES];
    if (is_same(entry, left))
        return &entry->to;
    entry->to = STRINGS_NONE;
    entry->from = left->from;
    entry->depth = left->depth;
    entry->line_count = left->line_count;
    for (uint32_t i = 0; i < left->line_count; i++) {
        entry->lines[i] = left->lines[i];
        memcpy(entry->contents[i], left->contents[i], COLUMN_BYTES);
    }
    return &entry->to;
}
