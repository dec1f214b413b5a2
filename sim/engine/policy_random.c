/* SPDX-License-Identifier: Apache-2.0
 *
 * The random policy: a seeded choice among the slots due within a window of the earliest one. It tests orders that the
 * timed policy never produces.
 */
#include "engine/engine.h"
#include "engine/policy.h"

/* Returns the key of one of the slots in the window, each with the same probability. */
static uint64_t choose_within_window(struct engine *engine)
{
    cycles earliest = eventq_key_time(eventq_next(&engine->queue)), limit = earliest + POLICY_WINDOW_CYCLES;
    const struct eventq *queue = &engine->queue; /* no slot is taken now */
    uint32_t eligible = 0, chosen;

    if (limit >= engine->horizon)
        limit = engine->horizon - 1;
    if (earliest >= engine->horizon)
        return UINT64_MAX;
    for (uint32_t slot = 0; slot < engine->slot_count; slot++)
        eligible += eventq_time(queue, slot) <= limit;
    chosen = (uint32_t)rng_below(&engine->rng, eligible);
    for (uint32_t slot = 0;; slot++) {
        CHECK(slot < engine->slot_count);
        if (eventq_time(queue, slot) <= limit && chosen-- == 0)
            return eventq_key(eventq_time(queue, slot), slot);
    }
}

const struct engine_policy engine_policy_random = { .choose = choose_within_window };
