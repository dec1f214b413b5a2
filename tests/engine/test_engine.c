/* SPDX-License-Identifier: Apache-2.0
 *
 * The engine: order, hand-off, run-ahead, horizons, and the random policy.
 */
#include "engine/engine.h"

#include "death.h"

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
    uint64_t stop_after; /* steps; NEVER_STOP: no limit */
    bool runs_ahead;
};

static void world_open(struct world *world, uint32_t slots, const struct engine_policy *policy, uint64_t seed)
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

/* Waits until `when`, by run-ahead if possible. */
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

    world_open(world, 5, &engine_policy_timed, 1);
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

/* Events fire between actors, on the stack of the actor that parked; one may move or cancel another. */
struct mixed {
    struct world *world;
    struct actor actor;
    uint32_t event, victim;
};

static void victim_fire(void *argument)
{
    struct mixed *mixed = argument;

    assert_null(mixed->world->engine.running);
    log_add(mixed->world, 2);
}

static void event_fire(void *argument)
{
    struct mixed *mixed = argument;
    struct engine *engine = &mixed->world->engine;

    assert_null(engine->running);
    log_add(mixed->world, 1);
    engine_at(engine, mixed->event, engine->now + 10);
    if (engine->now == 30)
        engine_cancel(engine, mixed->victim);
    else
        engine_at(engine, mixed->victim, engine->now); /* at once, after the slots before it */
}

static void mixed_main(void *argument)
{
    struct mixed *mixed = argument;
    struct engine *engine = &mixed->world->engine;

    for (;;) {
        assert_ptr_equal(engine->running, &mixed->actor);
        log_add(mixed->world, 0);
        engine_at(engine, mixed->victim, engine->now + 5);
        engine_at(engine, mixed->actor.slot, engine->now + 20);
        engine_park(engine);
    }
}

static void events_and_actors_share_the_queue(void **state)
{
    static const struct logged expected[] = { { 0, 0 },  { 5, 2 },  { 10, 1 }, { 10, 2 }, { 20, 0 },
                                              { 20, 1 }, { 20, 2 }, { 30, 1 }, { 40, 0 }, { 40, 1 },
                                              { 40, 2 }, { 50, 1 }, { 50, 2 } };
    static struct world world;
    static struct mixed mixed;

    (void)state;
    world_open(&world, 3, &engine_policy_timed, 1);
    mixed = (struct mixed){ .world = &world };
    engine_actor(&world.engine, &mixed.actor, 8192, mixed_main, &mixed);
    mixed.event = engine_event(&world.engine, event_fire, &mixed);
    mixed.victim = engine_event(&world.engine, victim_fire, &mixed);
    engine_at(&world.engine, mixed.actor.slot, 0);
    engine_at(&world.engine, mixed.event, 10);
    engine_run(&world.engine, 55);
    assert_int_equal(world.logged, sizeof(expected) / sizeof(expected[0]));
    assert_memory_equal(world.log, expected, sizeof(expected));
    assert_int_equal(world.engine.events, world.logged);
    arena_drop(&world.arena);
}

/* Parks at every level of a recursion, and checks on the way back that its locals are unchanged. */
struct climber {
    struct engine *engine;
    struct actor actor;
    uint64_t climbs;
};

static uint64_t climb(struct climber *climber, uint32_t depth, uint64_t seed)
{
    uint64_t a = seed * 3, b = seed ^ 0x5555, c = seed + depth, below = 0;

    engine_at(climber->engine, climber->actor.slot, climber->engine->now + 1 + seed % 7);
    engine_park(climber->engine);
    if (depth > 0)
        below = climb(climber, depth - 1, seed + 1);
    engine_at(climber->engine, climber->actor.slot, climber->engine->now + 1 + seed % 5);
    engine_park(climber->engine);
    assert_int_equal(a, seed * 3);
    assert_int_equal(b, seed ^ 0x5555);
    assert_int_equal(c, seed + depth);
    return below + c;
}

static void climber_main(void *argument)
{
    struct climber *climber = argument;

    for (uint64_t seed = climber->actor.slot;; seed++) {
        assert_int_equal(climb(climber, 7, seed), 8 * (seed + 7)); /* depth falls as the seed rises */
        climber->climbs++;
    }
}

static void thousands_of_actors_keep_their_locals(void **state)
{
    enum { COUNT = 4000 };
    static struct climber climbers[COUNT];
    static struct world world;

    (void)state;
    world_open(&world, COUNT, &engine_policy_timed, 1);
    for (uint32_t i = 0; i < COUNT; i++) {
        climbers[i] = (struct climber){ .engine = &world.engine };
        engine_actor(&world.engine, &climbers[i].actor, 8192, climber_main, &climbers[i]);
        engine_at(&world.engine, i, i % 100);
    }
    engine_run(&world.engine, 1000);
    for (uint32_t i = 0; i < COUNT; i++)
        assert_in_range(climbers[i].climbs, 5, 50);
    arena_drop(&world.arena);
}

/* engine_stop ends a run at the current time; the next run continues from there. */
static void stop_keeps_the_clock_and_the_actors(void **state)
{
    static struct world world;
    struct walker walker = { .first = 10, .step = 10, .stop_after = 3 };

    (void)state;
    for (uint32_t runs_ahead = 0; runs_ahead < 2; runs_ahead++) {
        walker.runs_ahead = runs_ahead;
        walker.steps = 0;
        world_open(&world, 2, &engine_policy_timed, 1);
        walker_start(&walker, &world);
        engine_run(&world.engine, 25);
        assert_int_equal(world.engine.now, 25);
        assert_int_equal(walker.steps, 2);
        engine_run(&world.engine, 1000);
        assert_int_equal(walker.steps, 3);
        assert_int_equal(world.engine.now, 40); /* woken to see that it is done */
        engine_run(&world.engine, 1000);
        assert_int_equal(world.engine.now, 1000);
        arena_drop(&world.arena);
    }
}

static void stop_fire(void *argument)
{
    struct world *world = argument;

    log_add(world, 0);
    engine_at(&world->engine, 0, world->engine.now + 1);
    engine_stop(&world->engine);
}

static void event_may_stop_too(void **state)
{
    static struct world world;

    (void)state;
    world_open(&world, 1, &engine_policy_timed, 1);
    engine_event(&world.engine, stop_fire, &world);
    engine_at(&world.engine, 0, 5);
    for (uint32_t i = 0; i < 3; i++) {
        engine_run(&world.engine, CYCLES_NEVER);
        assert_int_equal(world.logged, i + 1);
        assert_int_equal(world.engine.now, 5 + i);
    }
    arena_drop(&world.arena);
}

static void once_fire(void *argument) { log_add(argument, 0); }

static void run_without_end_stops_at_the_last_event(void **state)
{
    static struct world world;

    (void)state;
    world_open(&world, 1, &engine_policy_timed, 1);
    engine_event(&world.engine, once_fire, &world);
    engine_at(&world.engine, 0, 1234);
    engine_run(&world.engine, CYCLES_NEVER);
    assert_int_equal(world.logged, 1);
    assert_int_equal(world.engine.now, 1234);
    engine_run(&world.engine, 5000);
    assert_int_equal(world.engine.now, 5000);
    arena_drop(&world.arena);
}

static void a_time_beyond_the_clock_is_never(void **state)
{
    static const cycles times[] = { CYCLES_NEVER, CYCLES_NEVER + 1, UINT64_MAX };
    static struct world world;

    (void)state;
    world_open(&world, 1, &engine_policy_timed, 1);
    engine_event(&world.engine, once_fire, &world);
    for (size_t i = 0; i < sizeof(times) / sizeof(*times); i++) {
        engine_at(&world.engine, 0, 1234);
        engine_at(&world.engine, 0, times[i]);
        assert_false(engine_is_pending(&world.engine, 0));
        engine_run(&world.engine, CYCLES_NEVER - 1);
        assert_int_equal(world.logged, 0);
        world.engine.now = 0;
    }
    arena_drop(&world.arena);
}

/* Run-ahead stops before anything due, ties and the horizon included, and never happens under the random policy. */
static void advance_stops_before_what_is_due(void **state)
{
    static const struct {
        const struct engine_policy *policy;
        cycles pending, horizon, until;
        bool moves;
    } rows[] = {
        { &engine_policy_timed, 100, 1000, 99, true },
        { &engine_policy_timed, 100, 1000, 100, false },
        { &engine_policy_timed, 100, 1000, 101, false },
        { &engine_policy_timed, CYCLES_NEVER, 1000, 999, true },
        { &engine_policy_timed, CYCLES_NEVER, 0, 5, false },
        { &engine_policy_timed, CYCLES_NEVER, 1000, 1000, false },
        { &engine_policy_random, CYCLES_NEVER, 1000, 50, false },
    };
    static struct world world;

    (void)state;
    for (size_t i = 0; i < sizeof(rows) / sizeof(rows[0]); i++) {
        world_open(&world, 1, rows[i].policy, 1);
        engine_event(&world.engine, once_fire, &world);
        engine_at(&world.engine, 0, rows[i].pending);
        world.engine.horizon = rows[i].horizon;
        assert_int_equal(engine_advance(&world.engine, rows[i].until), rows[i].moves);
        assert_int_equal(world.engine.now, rows[i].moves ? rows[i].until : 0);
        assert_int_equal(world.engine.events, rows[i].moves);
        arena_drop(&world.arena);
    }
}

/* Misuses of the engine fail a CHECK, each in a child process of its own. */
static struct world misused;
static struct actor misused_actor;

static void past_fire(void *argument)
{
    (void)argument;
    engine_at(&misused.engine, 0, misused.engine.now - 1);
}

static void parking_fire(void *argument)
{
    (void)argument;
    engine_park(&misused.engine);
}

static void running_fire(void *argument)
{
    (void)argument;
    engine_run(&misused.engine, 100);
}

static void unknown_fire(void *argument)
{
    (void)argument;
    engine_at(&misused.engine, 2, 100);
}

static void misused_run(void *argument)
{
    void (**fire)(void *) = argument;

    world_open(&misused, 5, &engine_policy_timed, 1);
    engine_event(&misused.engine, *fire, NULL);
    engine_event(&misused.engine, once_fire, &misused);
    engine_at(&misused.engine, 0, 50);
    engine_run(&misused.engine, 100);
}

/* Uses up the stack, then parks or not. */
static uint64_t stack_eat(uint32_t depth, bool parks)
{
    volatile char eaten[64];

    eaten[0] = (char)depth;
    if (depth > 0)
        return stack_eat(depth - 1, parks) + (uint64_t)eaten[0];
    if (parks)
        engine_park(&misused.engine);
    return 0;
}

static void eater_main(void *argument)
{
    stack_eat(1000, *(bool *)argument);
    engine_stop(&misused.engine);
    for (;;)
        engine_park(&misused.engine);
}

static void misused_eat(void *argument)
{
    world_open(&misused, 1, &engine_policy_timed, 1);
    arena_alloc(&misused.arena, (size_t)1 << 20, 64); /* what the overflow runs into */
    engine_actor(&misused.engine, &misused_actor, 4096, eater_main, argument);
    engine_at(&misused.engine, 0, 50);
    engine_run(&misused.engine, 100);
}

static void misuse_is_caught(void **state)
{
    static struct {
        void (*fire)(void *argument);
        const char *expected;
    } rows[] = {
        { past_fire, "when >= engine->now" },
        { parking_fire, "self != NULL" },
        { running_fire, "engine->horizon == 0" },
        { unknown_fire, "slot < engine->slot_count" },
    };

    (void)state;
    for (size_t i = 0; i < sizeof(rows) / sizeof(rows[0]); i++) {
        assert_check_fails(misused_run, &rows[i].fire, rows[i].expected);
        assert_check_fails(misused_run, &rows[i].fire, "at cycle 50, slot 0, seed 1");
    }
}

static void stack_overflow_is_caught(void **state)
{
    bool parks = true, does_not = false;

    (void)state;
    assert_check_fails(misused_eat, &parks, "actor_has_room");
    assert_check_fails(misused_eat, &does_not, "actor_stack_is_intact");
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(order_is_by_time_then_slot),
        cmocka_unit_test(trace_does_not_depend_on_how_it_was_run),
        cmocka_unit_test(events_and_actors_share_the_queue),
        cmocka_unit_test(thousands_of_actors_keep_their_locals),
        cmocka_unit_test(stop_keeps_the_clock_and_the_actors),
        cmocka_unit_test(event_may_stop_too),
        cmocka_unit_test(run_without_end_stops_at_the_last_event),
        cmocka_unit_test(a_time_beyond_the_clock_is_never),
        cmocka_unit_test(advance_stops_before_what_is_due),
        cmocka_unit_test(misuse_is_caught),
        cmocka_unit_test(stack_overflow_is_caught),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
