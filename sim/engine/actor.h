/* SPDX-License-Identifier: Apache-2.0
 *
 * What engine.c needs of an actor beside its public struct (engine.h): the stack, and its canary.
 */
#ifndef ENGINE_ACTOR_H
#define ENGINE_ACTOR_H

#include "engine/engine.h"

#define ACTOR_CANARY 0x6b6361747320666fu      /* not a number that a program stores by chance */

/* The stack comes from the engine's arena; the first switch to the actor calls main(argument). */
void actor_init(struct actor *actor, struct engine *engine, uint32_t slot, size_t stack_bytes,
                void (*main)(void *argument), void *argument);

static inline bool actor_stack_is_intact(const struct actor *actor)
{
    return *(const uint64_t *)(const void *)actor->stack == ACTOR_CANARY;
}

#endif
