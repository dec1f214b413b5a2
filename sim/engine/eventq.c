/* SPDX-License-Identifier: Apache-2.0
 *
 * Builds the tournament tree. Every node holds the least key of its subtree; leaves without a slot hold the greatest
 * key, so that they never win.
 */
#include "engine/eventq.h"

#include "base/arena.h"

void eventq_init(struct eventq *queue, struct arena *arena, uint32_t slots)
{
    uint32_t leaf_base = 1;

    CHECK(slots >= 1 && slots <= EVENTQ_SLOTS_MAX);
    while (leaf_base < slots)
        leaf_base *= 4;
    *queue = (struct eventq){ .leaf_base = leaf_base, .slots = slots, .taken = EVENTQ_NONE };
    queue->keys = arena_alloc(arena, sizeof(*queue->keys) * 2 * leaf_base, 64);
    for (uint32_t node = 0; node < 2 * leaf_base; node++)
        queue->keys[node] = UINT64_MAX;
    for (uint32_t place = 0; place < EVENTQ_NEAR; place++)
        queue->near[place] = UINT64_MAX;
    for (uint32_t slot = 0; slot < slots; slot++)
        eventq_set(queue, slot, CYCLES_NEVER);
}

cycles eventq_near_time(const struct eventq *queue, uint32_t slot)
{
    for (uint32_t place = 0; place < EVENTQ_NEAR; place++)
        if (eventq_key_slot(queue->near[place]) == slot)
            return eventq_key_time(queue->near[place]);
    return CYCLES_NEVER;
}

void eventq_near_remove(struct eventq *queue, uint32_t slot)
{
    for (uint32_t place = 0; place < EVENTQ_NEAR; place++)
        if (eventq_key_slot(queue->near[place]) == slot) {
            eventq_near_shift(queue, place);
            return;
        }
}

/* Takes the slot out of the tree. */
static void clear_leaf(struct eventq *queue, uint32_t slot)
{
    uint64_t *leaf = &queue->keys[eventq_node(queue, slot)], never = eventq_key(CYCLES_NEVER, slot);

    queue->taken = slot == queue->taken ? EVENTQ_NONE : queue->taken;
    if (*leaf < never)
        eventq_write(queue, slot, never);
    else
        *leaf = never; /* no ancestor changes */
}

void eventq_set_near(struct eventq *queue, uint32_t slot, cycles when)
{
    if (queue->keys[eventq_node(queue, slot)] == EVENTQ_IN_ROW)
        eventq_near_remove(queue, slot);
    else
        clear_leaf(queue, slot);
    if (when < CYCLES_NEVER)
        eventq_add_near(queue, eventq_key(when, slot));
}
