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
    for (uint32_t slot = 0; slot < slots; slot++)
        eventq_set(queue, slot, CYCLES_NEVER);
}
