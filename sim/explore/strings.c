/* SPDX-License-Identifier: Apache-2.0
 *
 * The strings stand one after the other in a pool, in the order of adding. A few thousand of them are most of those
 * that are added: a small table of recent ones, which stays in the cache, knows these without a look at the large one.
 */
#include "explore/strings.h"

#include <stdlib.h>
#include <string.h>

#include "base/check.h"
#include "explore/hash_table.h"

#define FIRST_TABLE_SIZE ((uint64_t)1 << 14)

/* What workers may add between two looks at whether there is room. */
#define MARGIN_STRINGS ((uint64_t)1 << 20)
#define MARGIN_WORDS ((uint64_t)1 << 24)

#define RECENT ((uint64_t)1 << 13)

struct strings_recent {
    uint32_t tag, id; /* tag: a part of the hash */
};

static void open_with(struct strings *strings, uint64_t string_max, uint64_t word_max, bool is_single)
{
    *strings = (struct strings){ .string_max = string_max + 2 * MARGIN_STRINGS,
                                 .word_max = word_max + 2 * MARGIN_WORDS,
                                 .table_max = FIRST_TABLE_SIZE };
    while (strings->table_max < 2 * strings->string_max && strings->table_max < (uint64_t)1 << 31)
        strings->table_max *= 2;
    CHECK(strings->string_max <= strings->table_max);
    strings->counts = workers_map(sizeof(*strings->counts));
    strings->pool = workers_map(strings->word_max * sizeof(*strings->pool));
    if (is_single)
        strings->notes = workers_map(strings->string_max * sizeof(*strings->notes));
    else
        strings->places = workers_map(strings->string_max * sizeof(*strings->places));
    strings->table = workers_map(strings->table_max * sizeof(*strings->table));
    if (!is_single) {
        strings->recent = calloc(RECENT, sizeof(*strings->recent));
        CHECK(strings->recent != NULL);
    }
    strings->counts->table_size = FIRST_TABLE_SIZE;
    atomic_store(&strings->counts->count, STRINGS_NONE + 1);
}

void strings_init(struct strings *strings, uint64_t string_max, uint64_t word_max)
{
    open_with(strings, string_max, word_max, false);
}

void strings_init_single(struct strings *strings, uint64_t string_max)
{
    open_with(strings, string_max, string_max, true);
}

void strings_free(struct strings *strings)
{
    workers_unmap(strings->counts, sizeof(*strings->counts));
    workers_unmap(strings->pool, strings->word_max * sizeof(*strings->pool));
    workers_unmap(strings->places, strings->string_max * sizeof(*strings->places));
    workers_unmap((void *)strings->notes, strings->string_max * sizeof(*strings->notes));
    workers_unmap((void *)strings->table, strings->table_max * sizeof(*strings->table));
    free(strings->recent);
    *strings = (struct strings){ .string_max = 0 };
}

bool strings_are_full(const struct strings *strings)
{
    return atomic_load(&strings->counts->count) + MARGIN_STRINGS > strings->string_max ||
           atomic_load(&strings->counts->used) + MARGIN_WORDS > strings->word_max;
}

/* --- the table --- */

bool strings_have_room(const struct strings *strings, uint64_t more)
{
    return 16 * (atomic_load_explicit(&strings->counts->count, memory_order_relaxed) + more) <
           15 * strings->counts->table_size;
}

/* When two workers have added the same string at once, the other's copy is left out. */
void strings_grow(struct strings *strings, uint64_t more)
{
    struct strings_counts *counts = strings->counts;
    uint64_t size = counts->table_size, count = atomic_load(&counts->count);

    while (size < strings->table_max && 7 * size < 8 * (count + more))
        size *= 2;
    if (size == counts->table_size)
        return;
    memset((void *)strings->table, 0, counts->table_size * sizeof(*strings->table));
    counts->table_size = size;
    for (uint64_t id = STRINGS_NONE + 1; id < count; id++) {
        struct string_place place = strings_place(strings, (uint32_t)id);
        if (place.words == 0)
            continue;
        uint64_t hash = hash_words(&strings->pool[place.start], (uint32_t)place.words), at = hash & (size - 1);
        while (atomic_load_explicit(&strings->table[at], memory_order_relaxed) != 0)
            at = (at + 1) & (size - 1);
        atomic_store_explicit(&strings->table[at], hash_entry(hash, size, (uint32_t)id), memory_order_relaxed);
    }
}

/* A string of its own, in no table yet. */
static uint32_t place_new(struct strings *strings, const uint64_t *words, uint32_t count)
{
    uint64_t id = atomic_fetch_add(&strings->counts->count, 1), start = id;

    if (strings->places != NULL)
        start = atomic_fetch_add(&strings->counts->used, count);

    CHECK(id < strings->string_max && id < strings->counts->table_size && start + count <= strings->word_max);
    if (strings->places != NULL)
        strings->places[id] = (struct string_place){ .start = start, .words = count & 0xffffff };
    memcpy(&strings->pool[start], words, count * sizeof(*words));
    return (uint32_t)id;
}

/* Of no words: in no table. */
static void leave_out(struct strings *strings, uint32_t id)
{
    if (strings->places != NULL)
        strings->places[id].words = 0;
    else
        strings->pool[id] = 0;
}

static bool is_string(const struct strings *strings, uint32_t id, const uint64_t *words, uint32_t count)
{
    struct string_place place = strings_place(strings, id);

    if (place.words != count)
        return false;
    /* Most strings are short, and most that are looked at are the right ones. */
    for (uint32_t i = 0; i < count; i++)
        if (strings->pool[place.start + i] != words[i])
            return false;
    return true;
}

uint64_t strings_prefetch(const struct strings *strings, const uint64_t *words, uint32_t count)
{
    uint64_t hash = hash_words(words, count);

    __builtin_prefetch((const void *)&strings->table[hash & (strings->counts->table_size - 1)]);
    return hash;
}

uint32_t strings_add(struct strings *strings, const uint64_t *words, uint32_t count)
{
    return strings_add_hashed(strings, words, count, hash_words(words, count));
}

static uint32_t add_to_table(struct strings *strings, const uint64_t *words, uint32_t count, uint64_t hash)
{
    uint64_t size = strings->counts->table_size, at = hash & (size - 1);
    uint32_t own = STRINGS_NONE;

    CHECK(count > 0 && count <= 0xffffff && (strings->places != NULL || (count == 1 && words[0] != 0)));
    for (;; at = (at + 1) & (size - 1)) {
        uint32_t entry = atomic_load_explicit(&strings->table[at], memory_order_acquire);
        if (entry == 0) {
            if (own == STRINGS_NONE)
                own = place_new(strings, words, count);
            if (atomic_compare_exchange_strong(&strings->table[at], &entry, hash_entry(hash, size, own)))
                return own;
        }
        if (!hash_may_be(entry, hash, size))
            continue;
        uint32_t id = entry & hash_number_mask(size);
        if (is_string(strings, id, words, count)) {
            if (own != STRINGS_NONE)
                leave_out(strings, own);
            return id;
        }
    }
}

uint32_t strings_add_hashed(struct strings *strings, const uint64_t *words, uint32_t count, uint64_t hash)
{
    struct strings_recent *recent;
    uint32_t tag = (uint32_t)(hash >> 32);

    if (strings->recent == NULL)
        return add_to_table(strings, words, count, hash);
    recent = &strings->recent[hash % RECENT];
    if (recent->tag != tag || !is_string(strings, recent->id, words, count))
        *recent = (struct strings_recent){ tag, add_to_table(strings, words, count, hash) };
    return recent->id;
}

uint64_t strings_bytes(const struct strings *strings)
{
    const struct strings_counts *counts = strings->counts;

    uint64_t count = atomic_load(&counts->count), each = sizeof(*strings->pool) + sizeof(*strings->notes);
    uint64_t table = counts->table_size * sizeof(*strings->table);

    if (strings->places == NULL)
        return count * each + table;
    return atomic_load(&counts->used) * sizeof(*strings->pool) + count * sizeof(*strings->places) + table;
}
