/* SPDX-License-Identifier: Apache-2.0
 *
 * The event queue: a tournament tree over fixed slots. Every CPU, device and timer owns a slot that holds its next
 * time; setting, moving and cancelling are one leaf update. Of equal times the lower slot number wins; slot numbers are
 * fixed at boot.
 */
#ifndef ENGINE_EVENTQ_H
#define ENGINE_EVENTQ_H

#include <stddef.h>
#include <stdint.h>

#include "base/cycles.h"

struct arena;

#define EVENTQ_SLOT_BITS 14
#define EVENTQ_SLOTS_MAX (1u << EVENTQ_SLOT_BITS)

struct eventq {
    uint64_t *keys;     /* time << EVENTQ_SLOT_BITS | slot, the least of each subtree; children of n: 4n..4n+3 */
    uint32_t leaf_base; /* node of slot 0; a power of four >= slots */
    uint32_t slots;
};

/* All slots start at CYCLES_NEVER. slots in 1..EVENTQ_SLOTS_MAX. */
void eventq_init(struct eventq *queue, struct arena *arena, uint32_t slots);

static inline uint64_t eventq_next(const struct eventq *queue) { return queue->keys[1]; }
static inline cycles eventq_key_time(uint64_t key) { return key >> EVENTQ_SLOT_BITS; }
static inline uint32_t eventq_key_slot(uint64_t key) { return (uint32_t)key & (EVENTQ_SLOTS_MAX - 1); }
static inline cycles eventq_time(const struct eventq *queue, uint32_t slot)
{
    return eventq_key_time(queue->keys[queue->leaf_base + slot]);
}

static inline uint64_t least_key(uint64_t a, uint64_t b) { return b < a ? b : a; }

/* Sets the slot's time; CYCLES_NEVER cancels it. With four children per node there are half the levels of a binary
 * tree, and only one of the three comparisons per level depends on the level below. There is no early exit, because it
 * would be mispredicted. */
static inline void eventq_set(struct eventq *queue, uint32_t slot, cycles when)
{
    uint64_t *keys = queue->keys, key = when << EVENTQ_SLOT_BITS | slot;
    size_t node = queue->leaf_base + slot;

    keys[node] = key;
    while (node > 1) {
        uint64_t others = least_key(least_key(keys[node ^ 1], keys[node ^ 2]), keys[node ^ 3]);

        key = least_key(others, key);
        node >>= 2;
        keys[node] = key;
    }
}

#endif
