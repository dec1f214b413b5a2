/* SPDX-License-Identifier: Apache-2.0
 *
 * An actor's stack, which is memory of the arena. Its lowest bytes stay zero unless it overflows; there are no guard
 * pages, because the arena is copied as a whole.
 */
#include "engine/actor.h"

#include "engine/switch.h"

/* Stacks are adjacent in the arena. A stride of an odd number of cache lines spreads their hot ends over all sets of a
 * cache; the powers of two that callers ask for would map them to a few sets. */
#define CACHE_LINE 64

void actor_init(struct actor *actor, struct engine *engine, uint32_t slot, size_t stack_bytes,
                void (*main)(void *argument), void *argument)
{
    size_t lines = (stack_bytes + switch_stack_extra() + CACHE_LINE - 1) / CACHE_LINE | 1;

    CHECK(stack_bytes >= 4096);
    *actor = (struct actor){
        .stack_bytes = lines * CACHE_LINE, .slot = slot, .engine = engine, .main = main, .argument = argument
    };
    actor->stack = arena_alloc(engine->arena, actor->stack_bytes, CACHE_LINE);
    engine->slots[slot].stack_pointer = switch_prepare(actor->stack, actor->stack_bytes, main, argument);
}

/* Both functions read the stack of another coroutine, which AddressSanitizer would report. */
__attribute__((no_sanitize("address"))) bool actor_stack_is_intact(const struct actor *actor)
{
    const uint64_t *words = (const uint64_t *)(const void *)actor->stack;
    uint64_t written = 0;

    for (size_t i = 0; i < ACTOR_GUARD_BYTES / sizeof(*words); i++)
        written |= words[i];
    return written == 0;
}

__attribute__((no_sanitize("address"))) size_t actor_stack_used(const struct actor *actor)
{
    const uint64_t *words = (const uint64_t *)(const void *)actor->stack;
    size_t count = actor->stack_bytes / sizeof(*words), first = 0;

    while (first < count && words[first] == 0)
        first++;
    return (count - first) * sizeof(*words);
}
