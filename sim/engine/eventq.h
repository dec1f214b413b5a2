/* SPDX-License-Identifier: Apache-2.0
 *
 * The event queue: a tournament tree over fixed slots, and a short row of near keys beside it. Every CPU, device and
 * timer owns a slot that holds its next time. Of equal times the lower slot number wins; slot numbers are fixed at
 * boot.
 *
 * In the tree, setting, moving and cancelling are one leaf update. A slot that is taken and set again costs one update,
 * too, since its leaf is written only then. Most times that an actor waits for are among the next few of the queue:
 * those are set in the row, where they cost a few compares and no update of the tree.
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
#define EVENTQ_NEAR 8u           /* keys that the row has room for [E] */
#define EVENTQ_IN_ROW UINT64_MAX /* in a leaf: the slot's key, unless it is CYCLES_NEVER, is in the row */

struct eventq {
    uint64_t *keys; /* time << EVENTQ_SLOT_BITS | slot; 0: slot 0's; from the root, 1, on: the least of each subtree of
                     * the others; children of n: 4n..4n+3 */
    uint32_t leaf_base; /* a power of four >= slots; the leaf of slot s > 0 is leaf_base + s */
    uint32_t slots;
    uint32_t taken;  /* slot whose leaf still holds the time at which it was taken; EVENTQ_NONE: none */
    uint64_t near[EVENTQ_NEAR]; /* the row, the least key first; UINT64_MAX: no key */
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

static inline uint64_t least_key(uint64_t a, uint64_t b) { return b < a ? b : a; }

/* --- the row --- */

/* The slot's time, or CYCLES_NEVER if it is not in the row. */
cycles eventq_near_time(const struct eventq *queue, uint32_t slot);

void eventq_near_remove(struct eventq *queue, uint32_t slot);

/* Returns the greatest key, which has no room any more; UINT64_MAX: there was room. Without a branch, which would be
 * mispredicted. */
static inline uint64_t eventq_near_insert(struct eventq *queue, uint64_t key)
{
    for (uint32_t place = 0; place < EVENTQ_NEAR; place++) {
        uint64_t other = queue->near[place];

        queue->near[place] = other < key ? other : key;
        key = other < key ? key : other;
    }
    return key;
}

static inline void eventq_near_shift(struct eventq *queue, uint32_t place)
{
    for (; place + 1 < EVENTQ_NEAR; place++)
        queue->near[place] = queue->near[place + 1];
    queue->near[place] = UINT64_MAX;
}

/* --- the tree --- */

/* Writes a leaf and its ancestors. With four children per node there are half the levels of a binary tree, and only one
 * of the three comparisons per level depends on the level below. There is no early exit, because it would be
 * mispredicted. */
static inline void eventq_write(struct eventq *queue, uint32_t slot, uint64_t key)
{
    size_t node = eventq_node(queue, slot);
    uint64_t *keys = queue->keys;

    keys[node] = key;
    while (node > 1) {
        uint64_t others = least_key(least_key(keys[node ^ 1], keys[node ^ 2]), keys[node ^ 3]);

        key = least_key(others, key);
        node >>= 2;
        keys[node] = key;
    }
}

/* --- the queue --- */

static inline cycles eventq_time(const struct eventq *queue, uint32_t slot)
{
    uint64_t key = queue->keys[eventq_node(queue, slot)];

    if (slot == queue->taken)
        return CYCLES_NEVER;
    return key == EVENTQ_IN_ROW ? eventq_near_time(queue, slot) : eventq_key_time(key);
}

/* The least key, a taken slot's included. */
static inline uint64_t eventq_least(const struct eventq *queue)
{
    return least_key(least_key(queue->keys[0], queue->keys[1]), queue->near[0]);
}

/* Sets the slot's time; CYCLES_NEVER cancels it. */
static inline void eventq_set(struct eventq *queue, uint32_t slot, cycles when)
{
    if (queue->keys[eventq_node(queue, slot)] == EVENTQ_IN_ROW)
        eventq_near_remove(queue, slot);
    queue->taken = slot == queue->taken ? EVENTQ_NONE : queue->taken;
    eventq_write(queue, slot, eventq_key(when, slot));
}

/* The same for a time that is likely to be among the next few of the queue. */
void eventq_set_near(struct eventq *queue, uint32_t slot, cycles when);

/* eventq_set_near for a slot that is not in the queue. */
static inline void eventq_add_near(struct eventq *queue, uint64_t key)
{
    queue->keys[eventq_node(queue, eventq_key_slot(key))] = EVENTQ_IN_ROW;
    key = eventq_near_insert(queue, key);
    if (key != UINT64_MAX)
        eventq_write(queue, eventq_key_slot(key), key);
}

/* Returns the least key. */
static inline uint64_t eventq_next(struct eventq *queue)
{
    uint32_t taken = queue->taken;

    if (taken != EVENTQ_NONE) {
        queue->taken = EVENTQ_NONE;
        eventq_write(queue, taken, eventq_key(CYCLES_NEVER, taken));
    }
    return eventq_least(queue);
}

/* One of EVENTQ_CANDIDATES keys among which the next one is most likely to be; UINT64_MAX: none. For more than one
 * slot. */
#define EVENTQ_CANDIDATES 5u
static inline uint64_t eventq_candidate(const struct eventq *queue, uint32_t index)
{
    return index < 4 ? queue->keys[4 + index] : queue->near[0];
}

/* Takes the slot of this key out of the queue: its time becomes CYCLES_NEVER. It must be the first one, or in the tree.
 * Most slots of the tree are set again before the queue is asked for its next one, therefore their leaf is written
 * then. */
static inline void eventq_take(struct eventq *queue, uint64_t key)
{
    CHECK(queue->taken == EVENTQ_NONE);
    if (key == queue->near[0])
        eventq_near_shift(queue, 0);
    else
        queue->taken = eventq_key_slot(key);
}

/* Whether this key, of a slot that is not in the queue, is certain to be the least. */
static inline bool eventq_is_known_first(const struct eventq *queue, uint64_t key)
{
    return queue->taken == EVENTQ_NONE && key < eventq_least(queue);
}

/* Sets the time of a slot that is not in the queue, and if it is the next one then, takes it. Returns whether it was
 * taken. */
static inline bool eventq_set_or_take(struct eventq *queue, uint32_t slot, cycles when)
{
    uint64_t key = eventq_key(when, slot);

    if (key < eventq_next(queue))
        return true;
    eventq_add_near(queue, key);
    return false;
}

/* Whether no slot but the taken one has a time at or before `when`. */
static inline bool eventq_is_free_until(struct eventq *queue, cycles when)
{
    return eventq_key_time(eventq_next(queue)) > when;
}

#endif
