/* SPDX-License-Identifier: Apache-2.0
 *
 * The event queue: a tournament tree over fixed slots. Every CPU, device and timer owns a slot that holds its next
 * time; setting, moving and cancelling are one leaf update. Of equal times the lower slot number wins; slot numbers are
 * fixed at boot. A slot that is taken and set again costs one update, too, since its leaf is written only then.
 *
 * Slot 0 has its place beside the root and costs no climb. In a machine it is that of the contended lines
 * (machine/lines/queues.h), which is set more often than all others together.
 */
#ifndef ENGINE_EVENTQ_H
#define ENGINE_EVENTQ_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "base/check.h"
#include "base/cycles.h"

struct arena;

#define EVENTQ_SLOT_BITS 14
#define EVENTQ_SLOTS_MAX (1u << EVENTQ_SLOT_BITS)

#define EVENTQ_NONE UINT32_MAX

struct eventq {
    uint64_t *keys; /* time << EVENTQ_SLOT_BITS | slot; 0: slot 0's; from the root, 1, on: the least of each subtree of
                     * the others; children of n: 4n..4n+3 */
    uint32_t leaf_base; /* a power of four >= slots; the leaf of slot s > 0 is leaf_base + s */
    uint32_t slots;
    uint32_t taken;  /* slot whose leaf still holds the time at which it was taken; EVENTQ_NONE: none */
    uint64_t others; /* while a slot is taken: a key that no other slot's is less than */
};

/* All slots start at CYCLES_NEVER. slots in 1..EVENTQ_SLOTS_MAX. */
void eventq_init(struct eventq *queue, struct arena *arena, uint32_t slots);

static inline cycles eventq_key_time(uint64_t key) { return key >> EVENTQ_SLOT_BITS; }
static inline uint32_t eventq_key_slot(uint64_t key) { return (uint32_t)key & (EVENTQ_SLOTS_MAX - 1); }
static inline uint64_t eventq_key(cycles when, uint32_t slot) { return when << EVENTQ_SLOT_BITS | slot; }
static inline size_t eventq_node(const struct eventq *queue, uint32_t slot)
{
    return slot == 0 ? 0 : (size_t)queue->leaf_base + slot;
}
static inline cycles eventq_time(const struct eventq *queue, uint32_t slot)
{
    return slot == queue->taken ? CYCLES_NEVER : eventq_key_time(queue->keys[eventq_node(queue, slot)]);
}

static inline uint64_t least_key(uint64_t a, uint64_t b) { return b < a ? b : a; }

/* The least key, a taken slot's included. */
static inline uint64_t eventq_least(const struct eventq *queue) { return least_key(queue->keys[0], queue->keys[1]); }

/* Writes a leaf and its ancestors, and returns the least key of all other leaves. With four children per node there are
 * half the levels of a binary tree, and only one of the three comparisons per level depends on the level below. There
 * is no early exit, because it would be mispredicted. */
static inline uint64_t eventq_write(struct eventq *queue, uint32_t slot, uint64_t key)
{
    size_t node = eventq_node(queue, slot);
    uint64_t *keys = queue->keys, least_other = keys[node == 0 ? 1 : 0];

    keys[node] = key;
    while (node > 1) {
        uint64_t others = least_key(least_key(keys[node ^ 1], keys[node ^ 2]), keys[node ^ 3]);

        least_other = least_key(least_other, others);
        key = least_key(others, key);
        node >>= 2;
        keys[node] = key;
    }
    return least_other;
}

/* Sets the slot's time; CYCLES_NEVER cancels it. */
static inline void eventq_set(struct eventq *queue, uint32_t slot, cycles when)
{
    uint64_t key = eventq_key(when, slot);

    queue->taken = slot == queue->taken ? EVENTQ_NONE : queue->taken;
    queue->others = least_key(queue->others, key);
    eventq_write(queue, slot, key);
}

/* Returns the least key. */
static inline uint64_t eventq_next(struct eventq *queue)
{
    if (queue->taken != EVENTQ_NONE)
        eventq_set(queue, queue->taken, CYCLES_NEVER);
    return eventq_least(queue);
}

/* One of four keys (index 0..3) among which the next one is most likely to be; UINT64_MAX: none. For more than one
 * slot.
 */
static inline uint64_t eventq_candidate(const struct eventq *queue, uint32_t index) { return queue->keys[4 + index]; }

/* Takes a slot, the first one or another, out of the queue: its time becomes CYCLES_NEVER. Most slots are set again
 * before the queue is asked for its next one, therefore the leaf is written then. */
static inline void eventq_take(struct eventq *queue, uint32_t slot)
{
    CHECK(queue->taken == EVENTQ_NONE);
    queue->taken = slot;
    queue->others = 0; /* unknown */
}

/* Sets the time of a slot that is not in the queue, and if it is the next one then, takes it. Returns whether it was
 * taken. */
static inline bool eventq_set_or_take(struct eventq *queue, uint32_t slot, cycles when)
{
    uint64_t key = eventq_key(when, slot);

    if (queue->taken == slot) {
        if (queue->others > key)
            return true;
    } else if (queue->taken != EVENTQ_NONE) {
        eventq_set(queue, queue->taken, CYCLES_NEVER);
    }
    queue->others = eventq_write(queue, slot, key);
    queue->taken = queue->others > key ? slot : EVENTQ_NONE;
    return queue->others > key;
}

/* Whether no slot but the taken one has a time at or before `when`. */
static inline bool eventq_is_free_until(struct eventq *queue, cycles when)
{
    if (queue->taken != EVENTQ_NONE && eventq_key_time(queue->others) > when)
        return true;
    return eventq_key_time(eventq_next(queue)) > when;
}

#endif
