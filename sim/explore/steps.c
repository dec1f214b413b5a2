/* SPDX-License-Identifier: Apache-2.0
 *
 * A cache with two places for each step. An entry's sequence number is odd while a worker writes to it: a reader that
 * sees it change takes the step again.
 */
#include "explore/steps.h"

#include <string.h>

#include "base/check.h"
#include "explore/hash_table.h"
#include "explore/workers.h"

#define FIRST_SIZE ((uint64_t)1 << 12)

/* Of states for which an entry is kept. */
enum { STATES_AN_ENTRY = 8 };

struct steps_entry {
    _Atomic uint32_t sequence; /* 0: empty */
    _Atomic uint32_t slot, stack, memory, stack_after, memory_after, footprint;
};

void steps_init(struct steps *steps, uint64_t size_max)
{
    *steps = (struct steps){ .size_max = size_max > FIRST_SIZE ? size_max : FIRST_SIZE };
    steps->entries = workers_map(steps->size_max * sizeof(*steps->entries));
    steps->size = workers_map(sizeof(*steps->size));
    *steps->size = FIRST_SIZE;
}

void steps_free(struct steps *steps)
{
    workers_unmap(steps->entries, steps->size_max * sizeof(*steps->entries));
    workers_unmap(steps->size, sizeof(*steps->size));
    *steps = (struct steps){ .size_max = 0 };
}

uint64_t steps_hash(struct step_key key)
{
    return hash_fold(((uint64_t)key.stack << 32 | key.memory) ^ 0x8ebc6af09c88c6e3u,
                     key.slot * 0x9e3779b97f4a7c15u + 0x589965cc75374cc3u);
}

void steps_reserve(struct steps *steps, uint64_t states)
{
    uint64_t old = *steps->size, size = old;

    while (size < steps->size_max && size * STATES_AN_ENTRY < states)
        size *= 2;
    *steps->size = size;
    for (; old < size; old *= 2)
        for (uint64_t i = 0; i < old; i++) {
            const struct steps_entry *entry = &steps->entries[i];
            struct step_key key = { entry->slot, entry->stack, entry->memory };
            if (entry->sequence != 0 && (steps_hash(key) & old) != 0) {
                memcpy(&steps->entries[i + old], entry, sizeof(*entry));
                steps->entries[i].sequence = 0;
            }
        }
}

void steps_prefetch(const struct steps *steps, uint64_t hash)
{
    __builtin_prefetch(&steps->entries[hash & (*steps->size - 1)]);
}

static inline uint32_t get(const _Atomic uint32_t *word) { return atomic_load_explicit(word, memory_order_relaxed); }

static inline void set(_Atomic uint32_t *word, uint32_t value)
{
    atomic_store_explicit(word, value, memory_order_relaxed);
}

static bool find_in(const struct steps_entry *entry, struct step_key key, struct step_result *result)
{
    uint32_t sequence = atomic_load_explicit(&entry->sequence, memory_order_acquire);

    if (sequence == 0 || sequence % 2 != 0 || get(&entry->memory) != key.memory || get(&entry->stack) != key.stack ||
        get(&entry->slot) != key.slot)
        return false;
    *result = (struct step_result){ get(&entry->stack_after), get(&entry->memory_after), get(&entry->footprint) };
    atomic_thread_fence(memory_order_acquire);
    return get(&entry->sequence) == sequence;
}

bool steps_find(const struct steps *steps, uint64_t hash, struct step_key key, struct step_result *result)
{
    uint64_t at = hash & (*steps->size - 1);

    return find_in(&steps->entries[at], key, result) || find_in(&steps->entries[at ^ 1], key, result);
}

/* The empty one of the two places, or the one that was written to less often. */
static struct steps_entry *place_of(const struct steps *steps, uint64_t hash)
{
    struct steps_entry *entry = &steps->entries[hash & (*steps->size - 1)];
    struct steps_entry *other = &steps->entries[(hash & (*steps->size - 1)) ^ 1];

    return get(&other->sequence) < get(&entry->sequence) ? other : entry;
}

void steps_store(struct steps *steps, uint64_t hash, struct step_key key, struct step_result result)
{
    struct steps_entry *entry = place_of(steps, hash);
    uint32_t sequence = get(&entry->sequence);

    if (sequence % 2 != 0 || !atomic_compare_exchange_strong(&entry->sequence, &sequence, sequence + 1))
        return;
    atomic_thread_fence(memory_order_release);
    set(&entry->slot, key.slot);
    set(&entry->stack, key.stack);
    set(&entry->memory, key.memory);
    set(&entry->stack_after, result.stack);
    set(&entry->memory_after, result.memory);
    set(&entry->footprint, result.footprint);
    atomic_store_explicit(&entry->sequence, sequence + 2 != 0 ? sequence + 2 : 2, memory_order_release);
}

uint64_t steps_bytes(const struct steps *steps) { return *steps->size * sizeof(*steps->entries); }
