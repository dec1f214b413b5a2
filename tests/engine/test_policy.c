/* SPDX-License-Identifier: Apache-2.0
 *
 * Which slots run under each policy: those selected by engine_run or those named to engine_step.
 */
#include "engine/policy.h"

#include "death.h"
#include "engine/engine.h"

#define SLOTS 4u

struct world {
    struct arena arena;
    struct engine engine;
    uint32_t fired[SLOTS], count;
};

struct event {
    struct world *world;
    uint32_t slot;
};

static void fire(void *argument)
{
    const struct event *event = argument;

    event->world->fired[event->world->count++] = event->slot;
}

static void run(void *argument) { engine_run(argument, CYCLES_NEVER); }

static void step(void *argument) { engine_step(argument, 2); }

static void world_open(struct world *world, struct event *events, const struct engine_policy *policy)
{
    static const cycles when[SLOTS] = { 700, 100, 900, 100 };

    *world = (struct world){ .count = 0 };
    assert_true(arena_init(&world->arena, 1 << 20));
    engine_init(&world->engine, &world->arena, SLOTS, policy, 1);
    for (uint32_t slot = 0; slot < SLOTS; slot++) {
        events[slot] = (struct event){ world, engine_event(&world->engine, fire, &events[slot]) };
        engine_at(&world->engine, slot, when[slot]);
    }
}

static void who_goes_next(void **state)
{
    static const struct {
        const struct engine_policy *policy;
        uint32_t fired; /* by engine_run */
        bool is_in_order, is_stepped;
    } rows[] = {
        { &engine_policy_timed, SLOTS, true, false },
        { &engine_policy_random, SLOTS, false, false },
        { &engine_policy_exhaustive, 0, false, true },
    };
    static const uint32_t in_order[SLOTS] = { 1, 3, 0, 2 };

    (void)state;
    for (size_t i = 0; i < sizeof rows / sizeof *rows; i++) {
        struct world world;
        struct event events[SLOTS];

        world_open(&world, events, rows[i].policy);
        assert_int_equal(engine_is_in_order(&world.engine), rows[i].is_in_order);
        run(&world.engine);
        assert_int_equal(world.count, rows[i].fired);
        if (rows[i].is_in_order)
            assert_memory_equal(world.fired, in_order, sizeof(in_order));
        engine_at(&world.engine, 2, 1000);
        if (rows[i].is_stepped) {
            step(&world.engine);
            assert_int_equal(world.fired[0], 2);
            assert_int_equal(world.engine.now, 0);
        } else {
            assert_check_fails(step, &world.engine, "engine_policy_exhaustive");
        }
        arena_drop(&world.arena);
    }
}

int main(void)
{
    const struct CMUnitTest tests[] = { cmocka_unit_test(who_goes_next) };

    return cmocka_run_group_tests_name("policy", tests, NULL, NULL);
}
