/* SPDX-License-Identifier: Apache-2.0
 *
 * Stacks: their alignment and spacing in the arena, and their high-water marks.
 */
#include "engine/actor.h"

#include "death.h"
#include "engine/switch.h"

#define ACTORS 5u

struct user {
    struct engine *engine;
    struct actor actor;
    size_t bytes; /* of the stack, to be used */
};

__attribute__((noinline)) static void stack_use(size_t bytes)
{
    volatile char used[bytes];

    for (size_t i = 0; i < bytes; i++)
        used[i] = 1;
    (void)used[0];
}

static void user_main(void *argument)
{
    struct user *user = argument;

    stack_use(user->bytes);
    for (;;)
        engine_park(user->engine);
}

static void users_run(struct user *users, struct arena *arena, struct engine *engine, const size_t *stack_bytes)
{
    assert_true(arena_init(arena, (size_t)1 << 24));
    engine_init(engine, arena, ACTORS, &engine_policy_timed, 1);
    for (uint32_t i = 0; i < ACTORS; i++) {
        users[i].engine = engine;
        engine_actor(engine, &users[i].actor, stack_bytes[i], user_main, &users[i]);
        engine_at(engine, i, i);
    }
}

static void stacks_lie_apart_and_hold_what_was_asked(void **state)
{
    static const size_t stack_bytes[ACTORS] = { 4096, 4097, 16384, 65536, 8000 };
    static struct user users[ACTORS];
    struct arena arena;
    struct engine engine;
    const char *end;

    (void)state;
    users_run(users, &arena, &engine, stack_bytes);
    end = arena.base;
    for (uint32_t i = 0; i < ACTORS; i++) {
        const struct actor *actor = &users[i].actor;

        assert_int_equal(actor->slot, i);
        assert_true(actor->stack_bytes >= stack_bytes[i] + switch_stack_extra());
        assert_int_equal((uintptr_t)actor->stack % 64, 0);
        assert_int_equal(actor->stack_bytes / 64 % 2, 1); /* hot ends fall into different cache sets */
        assert_true(actor->stack >= end);
        assert_true(actor_stack_is_intact(actor));
        end = actor->stack + actor->stack_bytes;
    }
    assert_true(end <= arena.base + arena.used);
    arena_drop(&arena);
}

static void used_bytes_are_the_deepest_ever(void **state)
{
    static const size_t stack_bytes[ACTORS] = { 16384, 16384, 16384, 16384, 16384 };
    static struct user users[ACTORS] = {
        { .bytes = 1 }, { .bytes = 1000 }, { .bytes = 5000 }, { .bytes = 9000 }, { .bytes = 12000 }
    };
    struct arena arena;
    struct engine engine;

    (void)state;
    users_run(users, &arena, &engine, stack_bytes);
    assert_true(actor_stack_used(&users[0].actor) < 2048);
    engine_run(&engine, 2); /* the first two */
    for (uint32_t i = 0; i < ACTORS; i++) {
        size_t used = actor_stack_used(&users[i].actor), deepest = i < 2 ? users[i].bytes : 0;

        assert_in_range(used, deepest, deepest + 3072 + switch_stack_extra());
    }
    engine_run(&engine, 10);
    for (uint32_t i = 0; i < ACTORS; i++)
        assert_in_range(actor_stack_used(&users[i].actor), users[i].bytes,
                        users[i].bytes + 3072 + switch_stack_extra());
    arena_drop(&arena);
}

static void small_stack(void *argument)
{
    size_t stack_bytes[ACTORS] = { *(size_t *)argument };
    static struct user users[ACTORS];
    struct arena arena;
    struct engine engine;

    users_run(users, &arena, &engine, stack_bytes);
}

static void too_small_a_stack_is_caught(void **state)
{
    size_t bytes = 4095;

    (void)state;
    assert_check_fails(small_stack, &bytes, "stack_bytes >= 4096");
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(stacks_lie_apart_and_hold_what_was_asked),
        cmocka_unit_test(used_bytes_are_the_deepest_ever),
        cmocka_unit_test(too_small_a_stack_is_caught),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
