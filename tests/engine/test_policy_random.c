/* SPDX-License-Identifier: Apache-2.0
 *
 * The random policy: the same seed gives the same order, all pending slots are equally likely, and the clock does not
 * run far ahead of any pending slot.
 */
#include "engine/policy.h"

#include "death.h"
#include "engine/engine.h"

#define SLOTS 8u
#define LOG_MAX 80000u

struct world {
    struct arena arena;
    struct engine engine;
    struct ticker {
        struct world *world;
        uint32_t slot;
        cycles step;
        cycles due;
    } tickers[SLOTS];
    uint8_t log[LOG_MAX];
    uint32_t logged;
    cycles last, late_max;
};

static void ticker_fire(void *argument)
{
    struct ticker *ticker = argument;
    struct world *world = ticker->world;
    cycles now = world->engine.now;

    assert_true(now >= world->last && now >= ticker->due);
    world->last = now;
    if (now - ticker->due > world->late_max)
        world->late_max = now - ticker->due;
    if (world->logged == LOG_MAX) {
        engine_stop(&world->engine);
        return;
    }
    world->log[world->logged++] = (uint8_t)ticker->slot;
    ticker->due = now + ticker->step;
    engine_at(&world->engine, ticker->slot, ticker->due);
}

static void world_run(struct world *world, uint64_t seed, cycles step, cycles until)
{
    memset(world, 0, sizeof(*world));
    assert_true(arena_init(&world->arena, (size_t)1 << 20));
    engine_init(&world->engine, &world->arena, SLOTS + 2, &engine_policy_random, seed);
    for (uint32_t i = 0; i < SLOTS; i++) {
        struct ticker *ticker = &world->tickers[i];

        *ticker = (struct ticker){ .world = world, .step = step };
        ticker->slot = engine_event(&world->engine, ticker_fire, ticker);
        engine_at(&world->engine, i, 0);
    }
    engine_run(&world->engine, until);
    arena_drop(&world->arena);
}

static void order_is_the_seeds(void **state)
{
    static struct world a, b, other;

    (void)state;
    world_run(&a, 7, 100, CYCLES_NEVER);
    world_run(&b, 7, 100, CYCLES_NEVER);
    world_run(&other, 8, 100, CYCLES_NEVER);
    assert_memory_equal(a.log, b.log, sizeof(a.log));
    assert_memory_not_equal(a.log, other.log, sizeof(a.log));
}

/* All slots are always within the window, so each pick is uniform, and so are pairs of picks. */
static void pending_slots_are_equally_likely(void **state)
{
    static struct world world;
    uint32_t pairs[SLOTS * SLOTS] = { 0 };
    double expected = (double)LOG_MAX / 2 / (SLOTS * SLOTS), chi_square = 0;

    (void)state;
    world_run(&world, 3, 0, CYCLES_NEVER);
    for (uint32_t i = 0; i < LOG_MAX; i += 2)
        pairs[world.log[i] * SLOTS + world.log[i + 1]]++;
    for (uint32_t i = 0; i < SLOTS * SLOTS; i++)
        chi_square += ((double)pairs[i] - expected) * ((double)pairs[i] - expected) / expected;
    assert_true(chi_square < 103.4); /* upper 0.1 % point of chi-square with 63 degrees of freedom */
}

/* A slot is picked at most a window before its time, so that the clock passes no pending slot by more than a window. */
static void nothing_waits_longer_than_the_window(void **state)
{
    static const cycles steps[] = { 1, 1000, 50000, POLICY_WINDOW_CYCLES - 1, POLICY_WINDOW_CYCLES + 1, 10000000 };
    static struct world world;

    (void)state;
    for (size_t i = 0; i < sizeof(steps) / sizeof(steps[0]); i++) {
        world_run(&world, i, steps[i], CYCLES_NEVER);
        assert_true(world.late_max <= POLICY_WINDOW_CYCLES);
        assert_true(world.late_max > 0 || steps[i] > POLICY_WINDOW_CYCLES);
    }
}

static void horizon_holds(void **state)
{
    static struct world world;

    (void)state;
    world_run(&world, 1, 1000, 50000);
    assert_int_equal(world.engine.now, 50000);
    assert_true(world.last < 50000);
    for (uint32_t i = 0; i < SLOTS; i++)
        assert_true(world.tickers[i].due >= 50000); /* nothing due was left */
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(order_is_the_seeds),
        cmocka_unit_test(pending_slots_are_equally_likely),
        cmocka_unit_test(nothing_waits_longer_than_the_window),
        cmocka_unit_test(horizon_holds),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
