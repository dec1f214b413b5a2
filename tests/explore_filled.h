/* SPDX-License-Identifier: Apache-2.0
 *
 * Random walks through every shipped exploration, each taken twice: by the program as it is, and with patterns in all
 * that dead_stack.h calls dead, again before each step. Memory becomes the same after each step, and so do violations.
 */
#ifndef TESTS_EXPLORE_FILLED_H
#define TESTS_EXPLORE_FILLED_H

#include "base/rng.h"
#include "explore/capture.h"
#include "explore_verified.h"

enum { FILLED_STEPS = 300 };

struct filled_walk {
    struct explored *explored;
    struct explore_state state;
    uint64_t *first; /* the arena at the start */
    uint32_t slots[FILLED_STEPS], steps;
    uint64_t memory[FILLED_STEPS]; /* hashes */
    enum violation_kind kind;
};

/* Of what belongs to the state's memory, without stacks. */
static inline uint64_t filled_hash(const struct explore_state *state)
{
    uint64_t hash = 14695981039346656037u;

    for (uint32_t word = 0; word < state->word_count; word++)
        if (state->mask[word] != 0)
            hash = (hash ^ (state->live[word] & state->mask[word])) * 1099511628211u;
    return hash;
}

/* Any of those pending; false at an end. */
static inline bool filled_choose(const struct engine *engine, struct rng *rng, uint32_t *slot)
{
    uint32_t pending = 0;

    for (uint32_t i = 0; i < engine->slot_count; i++)
        if (engine_is_pending(engine, i) && rng_below(rng, ++pending) == 0)
            *slot = i;
    return pending > 0;
}

static inline void filled_take(struct filled_walk *walk, struct rng *rng)
{
    struct engine *engine = walk->state.engine;

    for (walk->steps = 0; walk->steps < FILLED_STEPS && walk->explored->violation.kind == VIOLATION_NONE;
         walk->steps++) {
        if (!filled_choose(engine, rng, &walk->slots[walk->steps]))
            break;
        engine_step(engine, walk->slots[walk->steps]);
        walk->memory[walk->steps] = filled_hash(&walk->state);
    }
    walk->kind = walk->explored->violation.kind;
    walk->explored->violation.kind = VIOLATION_NONE;
}

/* Returns the number of steps that came out the same. */
static inline uint32_t filled_take_again(struct filled_walk *walk)
{
    for (uint32_t step = 0; step < walk->steps; step++) {
        for (uint32_t i = 0; i < walk->state.stack_count; i++)
            capture_fill_dead(&walk->state, &walk->state.stacks[i]);
        engine_step(walk->state.engine, walk->slots[step]);
        if (filled_hash(&walk->state) != walk->memory[step])
            return step;
    }
    return walk->steps;
}

static inline uint64_t filled_design(struct scenario *scenario, const struct design *design, uint64_t walks)
{
    struct filled_walk walk;
    struct explore_world world;
    struct rng rng;
    uint64_t sum = 0;
    char message[256];

    if (!explore_world_open(&world, scenario, design->name, NULL, message, sizeof(message)))
        fail_msg("%s, %s: %s", scenario->name, design->name, message);
    struct explore_subject subject = explore_world_subject(&world);
    walk.explored = subject.explored;
    assert_true(explore_state_init(&walk.state, subject.engine, 1000, 100000));
    size_t bytes = walk.state.word_count * sizeof(uint64_t);
    walk.first = malloc(bytes);
    assert_non_null(walk.first);
    memcpy(walk.first, walk.state.live, bytes);
    for (uint64_t seed = 1; seed <= walks; seed++) {
        rng_init(&rng, seed, 0, RNG_POLICY);
        filled_take(&walk, &rng);
        memcpy(walk.state.live, walk.first, bytes);
        uint32_t same = filled_take_again(&walk);
        if (same != walk.steps || walk.explored->violation.kind != walk.kind)
            fail_msg("%s, %s, seed %u: step %u of %u differs", scenario->name, design->name, (unsigned)seed, same,
                     walk.steps);
        walk.explored->violation.kind = VIOLATION_NONE;
        memcpy(walk.state.live, walk.first, bytes);
        sum += walk.steps;
    }
    free(walk.first);
    explore_state_free(&walk.state);
    explore_world_close(&world);
    return sum;
}

static inline void explore_filled(void **state) { verified_all(*(const uint64_t *)*state, filled_design); }

#endif
