/* SPDX-License-Identifier: Apache-2.0
 *
 * The part of an actor that is private to the engine: its stack, and the checks of its bounds. The public struct is in
 * engine.h.
 */
#ifndef ENGINE_ACTOR_H
#define ENGINE_ACTOR_H

#include "engine/engine.h"

/* The stack comes from the engine's arena; the first switch to the actor calls main(argument). */
void actor_init(struct actor *actor, struct engine *engine, uint32_t slot, size_t stack_bytes,
                void (*main)(void *argument), void *argument);

/* Bytes that must be free on a stack when its actor parks, because events run on it as well. */
#define ACTOR_MARGIN_BYTES 1024

/* Bytes at the low end that must never be written. They are more than a small frame, so that no call can push its
 * return address beyond them unnoticed. */
#define ACTOR_GUARD_BYTES 256

/* Whether `frame` leaves the margin free. Compares addresses only: reading the guard would be a cache miss at every
 * park. */
static inline bool actor_has_room(const struct actor *actor, const void *frame)
{
    return (uintptr_t)frame - (uintptr_t)actor->stack - ACTOR_MARGIN_BYTES < actor->stack_bytes - ACTOR_MARGIN_BYTES;
}

/* Whether the guard bytes are still zero: detects overflows between two parks. */
bool actor_stack_is_intact(const struct actor *actor);

#endif
