/* SPDX-License-Identifier: Apache-2.0
 *
 * What engine.c needs of an actor beside its public struct (engine.h): the stack, and its canary.
 */
#ifndef ENGINE_ACTOR_H
#define ENGINE_ACTOR_H

#include "engine/engine.h"

#define ACTOR_CANARY 0x6b6361747320666fu /* not a value that a program stores by chance */

/* The stack comes from the engine's arena; the first switch to the actor calls main(argument). */
void actor_init(struct actor *actor, struct engine *engine, uint32_t slot, size_t stack_bytes,
                void (*main)(void *argument), void *argument);

/* What must be left of a stack when its actor parks: events run on it, too. */
#define ACTOR_MARGIN_BYTES 1024

/* Compares addresses only: reading the canary would miss the cache each time an actor parks. */
static inline bool actor_has_room(const struct actor *actor, const void *frame)
{
    return (const char *)frame >= actor->stack + ACTOR_MARGIN_BYTES &&
           (const char *)frame < actor->stack + actor->stack_bytes;
}

/* Finds overflows between two parks. */
static inline bool actor_stack_is_intact(const struct actor *actor)
{
    return *(const uint64_t *)(const void *)actor->stack == ACTOR_CANARY;
}

#endif
