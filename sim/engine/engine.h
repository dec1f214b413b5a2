/* SPDX-License-Identifier: Apache-2.0
 *
 * The engine: one clock, fixed slots, and two kinds of things that own a slot. An actor has a program counter (a
 * stackful coroutine); an event has none (a function called when its time comes). The engine knows time and actors, not
 * CPUs.
 *
 * Direct hand-off: the actor that parks finds who is next and switches straight there; events are called on the stack
 * of whoever parks. Run-ahead: engine_advance moves the clock without a switch when nothing is due before.
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

struct explored; /* the machine's, machine/explored.h */

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
    void *stack_pointer;          /* of the parked actor: here, to be found without touching the actor */
    void (*fire)(void *argument); /* runs at its time; may set slots, must not park */
    void *argument;
};

struct engine {
    struct arena *arena;
    struct eventq queue;
    struct engine_slot *slots;
    uint32_t slot_count, slot_capacity;
    const struct engine_policy *policy;
    uint64_t (*choose)(struct engine *engine); /* the policy's, at hand */
    cycles now;
    cycles horizon;            /* engine_run returns when the next event is at or after this; 0 outside of it */
    uint64_t events;           /* slots popped and run-ahead steps taken */
    uint64_t exchanges;        /* of actors, engine_exchange */
    struct actor *running;     /* NULL while engine_run itself or an event runs */
    void *main_stack_pointer;  /* of engine_run's caller, while an actor runs */
    struct rng rng;            /* of the random policy */
    struct trace *trace;       /* NULL: off; set after engine_init, outlives the engine */
    struct explored *explored; /* of the exhaustive policy: set after engine_init, outlives the engine */
    struct check_context context;
};

/* slot_capacity in 1..EVENTQ_SLOTS_MAX. All memory comes from the arena, which must outlive the engine. */
void engine_init(struct engine *engine, struct arena *arena, uint32_t slot_capacity, const struct engine_policy *policy,
                 uint64_t seed);

/* Slots are numbered in order of these calls: at equal times the earlier registered goes first. */
uint32_t engine_event(struct engine *engine, void (*fire)(void *argument), void *argument);

/* The actor starts parked with no time set: engine_at(engine, actor->slot, t) starts it. stack_bytes >= 4096. */
void engine_actor(struct engine *engine, struct actor *actor, size_t stack_bytes, void (*main)(void *argument),
                  void *argument);

/* Runs until the next event would be at or after `until` or engine_stop; in the first case now becomes `until`, except
 * that CYCLES_NEVER ("until nothing is pending") leaves it at the last event. Not from an actor or event. Call it again
 * with a later `until` to go on: actors continue where they parked. */
void engine_run(struct engine *engine, cycles until);

/* The exhaustive policy, instead of engine_run: the slot, which is pending, goes, until its actor parks. */
void engine_step(struct engine *engine, uint32_t slot);

static inline bool engine_is_pending(const struct engine *engine, uint32_t slot)
{
    return eventq_time(&engine->queue, slot) != CYCLES_NEVER;
}

/* From an actor or event: engine_run returns as soon as the running actor parks. */
void engine_stop(struct engine *engine);

/* Bytes of the stack that were ever written other than with zeros, from the deepest up: the high-water mark. */
size_t actor_stack_used(const struct actor *actor);

/* From the running actor: give up the CPU; returns when this actor's slot has come (now is that time). */
void engine_park(struct engine *engine);

/* From the running actor: `next`, which is parked, goes on in its place and at once. Neither has a time set. Returns
 * when somebody exchanges for this actor, or its slot has come. */
void engine_exchange(struct engine *engine, struct actor *next);

static inline void engine_at(struct engine *engine, uint32_t slot, cycles when)
{
    CHECK(slot < engine->slot_count && when >= engine->now && when <= CYCLES_NEVER);
    eventq_set(&engine->queue, slot, when);
}

static inline void engine_cancel(struct engine *engine, uint32_t slot)
{
    eventq_set(&engine->queue, slot, CYCLES_NEVER);
}

/* Slots go in the order of their times. */
static inline bool engine_is_in_order(const struct engine *engine) { return engine->choose == NULL; }

/* Run-ahead: when nothing is due at or before `until` and the horizon is later, moves the clock and returns true. */
static inline bool engine_advance(struct engine *engine, cycles until)
{
    if (!engine_is_in_order(engine) || until >= engine->horizon ||
        eventq_key_time(eventq_next(&engine->queue)) <= until)
        return false;
    engine->now = engine->context.now = until;
    engine->events++;
    return true;
}

/* A record at `when` of what happens at a pCPU. */
static inline void engine_trace(const struct engine *engine, cycles when, uint32_t cpu, enum trace_kind kind,
                                uint32_t who, uint32_t flow, uint32_t a, uint64_t b)
{
    if (__builtin_expect(engine->trace != NULL, false))
        trace_write(
            engine->trace,
            (struct trace_record){
                .time = when, .b = b, .who = who, .flow = flow, .a = a, .kind = (uint16_t)kind, .cpu = (uint16_t)cpu });
}

#endif
