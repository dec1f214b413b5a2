/* SPDX-License-Identifier: Apache-2.0
 *
 * The engine: one clock, fixed slots, and two kinds of slot owners. An actor is a stackful coroutine; an event is a
 * function that is called at its time. The engine knows time and actors, not CPUs.
 *
 * Direct hand-off: an actor that parks takes the next slot and switches straight to its actor; events are called on the
 * stack of the parking actor. Run-ahead: engine_advance moves the clock without a switch when nothing is due before.
 */
#ifndef ENGINE_ENGINE_H
#define ENGINE_ENGINE_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "base/arena.h"
#include "base/check.h"
#include "base/cycles.h"
#include "base/rng.h"
#include "engine/eventq.h"
#include "engine/policy.h"
#include "engine/trace.h"

struct explored; /* machine/explored.h */

struct actor {
    char *stack; /* lowest byte; stack_bytes long, in the arena */
    size_t stack_bytes;
    uint32_t slot;
    struct engine *engine;
    void (*main)(void *argument); /* must not return */
    void *argument;
};

struct engine_slot {
    struct actor *actor;          /* NULL for an event */
    void *stack_pointer;          /* of the parked actor; kept here to save a cache miss on the actor */
    void (*fire)(void *argument); /* event: called at its time; may set slots, must not park */
    void *argument;
};

struct engine {
    struct arena *arena;
    struct eventq queue;
    struct engine_slot *slots;
    uint32_t slot_count, slot_capacity;
    bool is_large; /* its slots, stacks and structs are more than caches and TLBs hold */
    const struct engine_policy *policy;
    uint64_t (*choose)(struct engine *engine); /* copy of policy->choose */
    cycles now;
    cycles horizon;            /* engine_run returns when the next slot is due at or after this; 0 outside engine_run */
    uint64_t events;           /* slots popped and run-ahead steps taken */
    uint64_t exchanges;        /* calls of engine_exchange */
    struct actor *running;     /* NULL while engine_run itself or an event runs */
    void *main_stack_pointer;  /* of engine_run's caller, while an actor runs */
    struct rng rng;            /* for the random policy */
    struct trace *trace;       /* NULL: off; set after engine_init, must outlive the engine */
    struct explored *explored; /* exhaustive policy: set after engine_init, must outlive the engine */
    struct check_context context;
};

/* slot_capacity in 1..EVENTQ_SLOTS_MAX. All memory comes from the arena, which must outlive the engine. */
void engine_init(struct engine *engine, struct arena *arena, uint32_t slot_capacity, const struct engine_policy *policy,
                 uint64_t seed);

/* Registers an event and returns its slot. Slots of events and actors are numbered in the order of registration: of
 * equal times the lower slot goes first. */
uint32_t engine_event(struct engine *engine, void (*fire)(void *argument), void *argument);

/* Registers an actor, parked and with no time set: engine_at(engine, actor->slot, t) starts it. stack_bytes >= 4096.
 * The struct must outlive the engine. */
void engine_actor(struct engine *engine, struct actor *actor, size_t stack_bytes, void (*main)(void *argument),
                  void *argument);

/* Runs until the next slot is due at or after `until`, or until engine_stop. In the first case now becomes `until`,
 * except that CYCLES_NEVER ("until nothing is pending") leaves it at the last event. Must not be called from an actor
 * or event. A further call with a later `until` continues: actors resume where they parked. */
void engine_run(struct engine *engine, cycles until);

/* Under the exhaustive policy, instead of engine_run: runs a pending slot until its actor parks or its event returns.
 */
void engine_step(struct engine *engine, uint32_t slot);

static inline bool engine_is_pending(const struct engine *engine, uint32_t slot)
{
    return eventq_time(&engine->queue, slot) != CYCLES_NEVER;
}

/* Under the exhaustive policy: whether no slot is pending. */
static inline bool engine_is_over(const struct engine *engine)
{
    return eventq_key_time(eventq_least(&engine->queue)) == CYCLES_NEVER;
}

/* From an actor or event: makes engine_run return as soon as the running actor parks. */
void engine_stop(struct engine *engine);

/* The high-water mark of the stack in bytes: from the lowest byte that is not zero to the top. */
size_t actor_stack_used(const struct actor *actor);

/* From the running actor: parks it; returns when its slot is taken, at the slot's time or later. */
void engine_park(struct engine *engine);

/* From the running actor: parks it and continues `next`, which must be parked, at once. Neither may have a time set.
 * Returns when another actor exchanges for this one, or its slot is taken. */
void engine_exchange(struct engine *engine, struct actor *next);

/* Whether slots go in the order of their times. */
static inline bool engine_is_in_order(const struct engine *engine) { return engine->choose == NULL; }

/* Sets the time of a slot, which must not be before now; CYCLES_NEVER cancels it, and so does a time beyond the clock's
 * range, which no run reaches. */
static inline void engine_at(struct engine *engine, uint32_t slot, cycles when)
{
    CHECK(slot < engine->slot_count && when >= engine->now);
    eventq_set(&engine->queue, slot, when < CYCLES_NEVER ? when : CYCLES_NEVER);
}

/* engine_at for an actor, which is parked or about to be: costs less if its slot is among the next few. */
static inline void engine_wake(struct engine *engine, uint32_t slot, cycles when)
{
    cycles at = when < CYCLES_NEVER ? when : CYCLES_NEVER;

    CHECK(slot < engine->slot_count && when >= engine->now);
    if (engine_is_in_order(engine))
        eventq_set_near(&engine->queue, slot, at);
    else
        eventq_set(&engine->queue, slot, at);
}

static inline void engine_cancel(struct engine *engine, uint32_t slot)
{
    eventq_set(&engine->queue, slot, CYCLES_NEVER);
}

/* Run-ahead: if nothing is due at or before `until`, and the horizon is later, moves the clock there and returns true.
 */
static inline bool engine_advance(struct engine *engine, cycles until)
{
    if (!engine_is_in_order(engine) || until >= engine->horizon || !eventq_is_free_until(&engine->queue, until))
        return false;
    engine->now = engine->context.now = until;
    engine->events++;
    return true;
}

/* From the running actor, with its slot, which has no time set: run-ahead, or else sets the slot's time and returns
 * false, for the caller to park. Costs less than engine_advance and engine_at. `until` must not be before now. */
static inline bool engine_advance_or_set(struct engine *engine, uint32_t slot, cycles until)
{
    if (!engine_is_in_order(engine) || until >= engine->horizon) {
        engine_wake(engine, slot, until);
        return false;
    }
    if (!eventq_set_or_take(&engine->queue, slot, until))
        return false;
    engine->now = engine->context.now = until;
    engine->events++;
    return true;
}

/* The same if it costs but a few compares: false if the slot may not be the next one. Then nothing has changed. */
static inline bool engine_advance_quickly(struct engine *engine, uint32_t slot, cycles until)
{
    if (!engine_is_in_order(engine) || until >= engine->horizon ||
        !eventq_is_known_first(&engine->queue, eventq_key(until, slot)))
        return false;
    engine->now = engine->context.now = until;
    engine->events++;
    return true;
}

/* Writes a trace record with time `when` for a pCPU; no effect if tracing is off, or its kind is not wanted. */
static inline void engine_trace(const struct engine *engine, cycles when, uint32_t cpu, enum trace_kind kind,
                                uint32_t who, uint32_t flow, uint32_t a, uint64_t b)
{
    if (__builtin_expect(engine->trace != NULL, false) && trace_wants(engine->trace, kind))
        trace_add(engine->trace, when, b, trace_words(cpu, kind, who, flow, a));
}

#endif
