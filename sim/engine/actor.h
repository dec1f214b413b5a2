/* SPDX-License-Identifier: Apache-2.0
 *
 * What engine.c needs of an actor beside its public struct (engine.h): the stack, and its end.
 */
#ifndef ENGINE_ACTOR_H
#define ENGINE_ACTOR_H

#include "engine/engine.h"

/* The stack comes from the engine's arena; the first switch to the actor calls main(argument). */
void actor_init(struct actor *actor, struct engine *engine, uint32_t slot, size_t stack_bytes,
                void (*main)(void *argument), void *argument);

/* What must be left of a stack when its actor parks: events run on it, too. */
#define ACTOR_MARGIN_BYTES 1024

/* Bytes at the end that a stack must never reach, more than a small frame: its return address can't jump over them. */
#define ACTOR_GUARD_BYTES 256

/* Compares addresses only: reading the guard would miss the cache each time an actor parks. */
static inline bool actor_has_room(const struct actor *actor, const void *frame)
{
    return (const char *)frame >= actor->stack + ACTOR_MARGIN_BYTES &&
           (const char *)frame < actor->stack + actor->stack_bytes;
}

/* Finds overflows between two parks: whether the guard still holds the zeros that the arena gave. */
bool actor_stack_is_intact(const struct actor *actor);

#endif
