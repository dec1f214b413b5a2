/* SPDX-License-Identifier: Apache-2.0
 *
 * The engine: order, hand-off, run-ahead, horizons, and the random policy.
 */
#include "engine/engine.h"

#include <setjmp.h>
#include <stdarg.h>
#include <string.h>

#include <cmocka.h>

#define LOG_MAX 4096
#define NEVER_STOP UINT64_MAX

struct logged {
    cycles when;
    uint64_t who;
};

struct world {
    struct arena arena;
    struct engine engine;
    struct logged log[LOG_MAX];
    uint32_t logged;
};

struct walker {
    struct world *world;
    struct actor actor;
    uint32_t who;
    cycles first, step;
    uint64_t steps;      /* walked */
    uint64_t stop_after; /* steps; NEVER_STOP: walks for ever */
    bool runs_ahead;
};

static void world_open(struct world *world, uint32_t slots, enum policy policy, uint64_t seed)
{
    memset(world, 0, sizeof(*world));
    assert_true(arena_init(&world->arena, (size_t)1 << 30));
    engine_init(&world->engine, &world->arena, slots, policy, seed);
}

static void log_add(struct world *world, uint32_t who)
{
    assert_true(world->logged < LOG_MAX);
    world->log[world->logged++] = (struct logged){ world->engine.now, who };
}

/* Waits for `when` on the actor's own slot, ahead of the others if it may. */
static void walker_wait(struct walker *walker, cycles when)
{
    struct engine *engine = &walker->world->engine;

    if (walker->runs_ahead && engine_advance(engine, when))
        return;
    engine_at(engine, walker->actor.slot, when);
    engine_park(engine);
}

static void walker_main(void *argument)
{
    struct walker *walker = argument;

    while (walker->steps < walker->stop_after) {
        log_add(walker->world, walker->who);
        walker->steps++;
        walker_wait(walker, walker->world->engine.now + walker->step);
    }
    engine_stop(&walker->world->engine);
    for (;;)
        engine_park(&walker->world->engine);
}

static void walker_start(struct walker *walker, struct world *world)
{
    walker->world = world;
    engine_actor(&world->engine, &walker->actor, 8192, walker_main, walker);
    engine_at(&world->engine, walker->actor.slot, walker->first);
}

static void walkers_run(struct world *world, bool runs_ahead, const cycles *horizons, size_t horizon_count)
{
    static const struct {
        cycles first, step;
    } rows[] = { { 0, 7 }, { 3, 11 }, { 3, 1 }, { 0, 14 }, { 5, 64 } };
    struct walker walkers[5] = { 0 };

    world_open(world, 5, POLICY_TIMED, 1);
    for (uint32_t i = 0; i < 5; i++) {
        walkers[i] = (struct walker){
            .who = i, .first = rows[i].first, .step = rows[i].step, .stop_after = NEVER_STOP, .runs_ahead = runs_ahead
        };
        walker_start(&walkers[i], world);
    }
    for (size_t i = 0; i < horizon_count; i++) {
        engine_run(&world->engine, horizons[i]);
        assert_int_equal(world->engine.now, horizons[i]);
        assert_null(world->engine.running);
    }
    arena_drop(&world->arena);
}

/* Each walker walks its own grid; ties go to the lower slot; nothing at or after the horizon happens. */
static void order_is_by_time_then_slot(void **state)
{
    static const cycles horizons[] = { 1000 };
    static struct world world;

    (void)state;
    walkers_run(&world, false, horizons, 1);
    assert_int_equal(world.logged, 143 + 91 + 997 + 72 + 16);
    for (uint32_t i = 1; i < world.logged; i++) {
        assert_true(world.log[i].when < 1000);
        assert_true(world.log[i - 1].when < world.log[i].when ||
                    (world.log[i - 1].when == world.log[i].when && world.log[i - 1].who < world.log[i].who));
    }
}

/* Run-ahead and cuts into several engine_run calls change nothing that an actor sees. */
static void trace_does_not_depend_on_how_it_was_run(void **state)
{
    static const cycles once[] = { 1000 }, cuts[] = { 0, 1, 3, 4, 64, 64, 65, 500, 999, 1000 };
    static const struct {
        bool runs_ahead;
        const cycles *horizons;
        size_t count;
    } rows[] = { { true, once, 1 }, { false, cuts, 10 }, { true, cuts, 10 } };
    static struct world expected, seen;

    (void)state;
    walkers_run(&expected, false, once, 1);
    for (size_t i = 0; i < sizeof(rows) / sizeof(rows[0]); i++) {
        walkers_run(&seen, rows[i].runs_ahead, rows[i].horizons, rows[i].count);
        assert_int_equal(seen.logged, expected.logged);
        assert_memory_equal(seen.log, expected.log, sizeof(struct logged) * expected.logged);
    }
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(order_is_by_time_then_slot),
        cmocka_unit_test(trace_does_not_depend_on_how_it_was_run),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
