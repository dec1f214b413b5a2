/* SPDX-License-Identifier: Apache-2.0
 *
 * The engine's loop. It has no stack of its own: the actor that parks takes the next slot, calls events on its own
 * stack and switches to the next actor. Control returns to engine_run at the horizon; engine_stop sets the horizon to
 * 0.
 */
#include "engine/engine.h"

#include "engine/actor.h"
#include "engine/switch.h"

/* Above this many slots the hot state, a kilobyte or more for each, is larger than a second-level cache, and its small
 * pages are more than the first-level TLB holds. [E] */
#define SLOTS_LARGE 1024u

void engine_init(struct engine *engine, struct arena *arena, uint32_t slot_capacity, const struct engine_policy *policy,
                 uint64_t seed)
{
    *engine = (struct engine){
        .arena = arena,
        .slot_capacity = slot_capacity,
        .is_large = slot_capacity > SLOTS_LARGE,
        .policy = policy,
        .choose = policy->choose,
        .context = { .seed = seed },
    };
    if (engine->is_large)
        arena_use_huge_pages(arena);
    eventq_init(&engine->queue, arena, slot_capacity);
    engine->slots = ARENA_ARRAY(arena, struct engine_slot, slot_capacity);
    rng_init(&engine->rng, seed, 0, RNG_POLICY);
}

static uint32_t slot_add(struct engine *engine, struct engine_slot row)
{
    CHECK(engine->slot_count < engine->slot_capacity);
    engine->slots[engine->slot_count] = row;
    return engine->slot_count++;
}

uint32_t engine_event(struct engine *engine, void (*fire)(void *argument), void *argument)
{
    CHECK(fire != NULL);
    return slot_add(engine, (struct engine_slot){ .fire = fire, .argument = argument });
}

void engine_actor(struct engine *engine, struct actor *actor, size_t stack_bytes, void (*main)(void *argument),
                  void *argument)
{
    uint32_t slot = slot_add(engine, (struct engine_slot){ .actor = actor });

    actor_init(actor, engine, slot, stack_bytes, main, argument);
}

/* Fetches what the candidates to go after `taken` need, while the slot taken runs: first their rows, and when they have
 * come, the stack or argument. Inlined, because gcc takes a function that only prefetches for one without effect. */
__attribute__((always_inline)) static inline void slots_prefetch(const struct engine *engine, uint64_t taken)
{
    uint64_t soonest = eventq_key(CYCLES_NEVER, 0);
    const struct engine_slot *row;

    for (uint32_t i = 0; i < EVENTQ_CANDIDATES; i++) {
        uint64_t candidate = eventq_candidate(&engine->queue, i);
        __builtin_prefetch(&engine->slots[eventq_key_slot(candidate) % engine->slot_count]);
        soonest = candidate == taken ? soonest : least_key(soonest, candidate);
    }
    row = &engine->slots[eventq_key_slot(soonest)];
    __builtin_prefetch(row->actor != NULL ? (const void *)row->actor : row->argument);
    for (size_t line = 0; row->actor != NULL && line < 3; line++)
        __builtin_prefetch((const char *)row->stack_pointer + line * 64);
}

/* Takes the slot that goes next out of the queue and moves the clock to it; NULL when none is due before the horizon.
 */
static inline struct engine_slot *slot_take(struct engine *engine)
{
    uint64_t key = engine_is_in_order(engine) ? eventq_next(&engine->queue) : engine->choose(engine);
    cycles when = eventq_key_time(key);
    uint32_t slot = eventq_key_slot(key);

    if (when >= engine->horizon)
        return NULL;
    eventq_take(&engine->queue, key);
    if (__builtin_expect(engine->is_large, false))
        slots_prefetch(engine, key);
    if (when > engine->now)
        engine->now = engine->context.now = when;
    engine->context.actor = slot;
    engine->events++;
    return &engine->slots[slot];
}

void engine_run(struct engine *engine, cycles until)
{
    const struct engine_slot *slots = engine->slots;
    struct engine_slot *next;

    CHECK(slots != NULL && engine->horizon == 0 && until >= engine->now && until <= CYCLES_NEVER);
    engine->horizon = until;
    check_context_set(&engine->context);
    while ((next = slot_take(engine)) != NULL) {
        if (next->actor == NULL) {
            next->fire(next->argument);
            continue;
        }
        engine->running = next->actor;
        switch_stack(&engine->main_stack_pointer, next->stack_pointer);
        engine->running = NULL;
        break;
    }
    if (engine->horizon == until && until != CYCLES_NEVER)
        engine->now = engine->context.now = until;
    engine->horizon = 0;
    for (uint32_t slot = 0; slot < engine->slot_count; slot++)
        CHECK(slots[slot].actor == NULL || actor_stack_is_intact(slots[slot].actor));
    check_context_set(NULL);
}

/* The horizon stays 0: an actor that parks finds nothing due and switches back here. */
void engine_step(struct engine *engine, uint32_t slot)
{
    struct engine_slot *next = &engine->slots[slot];

    CHECK(engine->policy == &engine_policy_exhaustive && engine->horizon == 0 && engine_is_pending(engine, slot));
    engine_cancel(engine, slot);
    engine->context.actor = slot;
    engine->events++;
    if (next->actor == NULL) {
        next->fire(next->argument);
        return;
    }
    engine->running = next->actor;
    switch_stack(&engine->main_stack_pointer, next->stack_pointer);
    engine->running = NULL;
}

void engine_stop(struct engine *engine) { engine->horizon = 0; }

/* In a frame of its own: nothing takes the address of one that is parked (explore/code_liveness.h). */
__attribute__((noinline)) static void check_room(const struct actor *self)
{
    CHECK(self != NULL && actor_has_room(self, __builtin_frame_address(0)));
}

void engine_park(struct engine *engine)
{
    struct actor *self = engine->running;
    struct engine_slot *next;

    check_room(self);
    engine->running = NULL;
    while ((next = slot_take(engine)) != NULL) {
        if (next->actor == NULL) {
            next->fire(next->argument);
            continue;
        }
        engine->running = next->actor;
        if (next->actor != self)
            switch_stack(&engine->slots[self->slot].stack_pointer, next->stack_pointer);
        return;
    }
    switch_stack(&engine->slots[self->slot].stack_pointer, engine->main_stack_pointer);
}

void engine_exchange(struct engine *engine, struct actor *next)
{
    struct actor *self = engine->running;

    CHECK(next != self);
    check_room(self);
    CHECK(!engine_is_pending(engine, self->slot) && !engine_is_pending(engine, next->slot));
    engine->running = next;
    engine->exchanges++;
    engine->context.actor = next->slot;
    switch_stack(&engine->slots[self->slot].stack_pointer, engine->slots[next->slot].stack_pointer);
}
