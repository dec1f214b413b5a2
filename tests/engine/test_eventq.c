/* SPDX-License-Identifier: Apache-2.0
 *
 * The event queue against a linear search of an array, under random sets in tree and row, moves, cancels and pops.
 */
#include "engine/eventq.h"

#include "base/arena.h"
#include "base/rng.h"
#include "death.h"

#define OPERATIONS 20000u

static cycles model[EVENTQ_SLOTS_MAX];

static uint32_t model_next(uint32_t slots)
{
    uint32_t least = 0;

    for (uint32_t slot = 1; slot < slots; slot++)
        if (model[slot] < model[least])
            least = slot;
    return least;
}

static void random_operations_agree_with_a_plain_array(void **state)
{
    static const struct {
        uint32_t slots;
        uint64_t range; /* of times: a small one makes ties */
    } rows[] = {
        { 1, 100 }, { 2, 3 },    { 3, 100 },  { 4, 2 },      { 5, 1 },          { 15, 1000 },
        { 16, 10 }, { 17, 100 }, { 240, 50 }, { 257, 5000 }, { 1024, 1 << 30 }, { 1025, CYCLES_NEVER },
    };

    (void)state;
    for (size_t row = 0; row < sizeof(rows) / sizeof(rows[0]); row++) {
        struct eventq queue;
        struct arena arena;
        struct rng rng;

        assert_true(arena_init(&arena, (size_t)1 << 24));
        eventq_init(&queue, &arena, rows[row].slots);
        rng_init(&rng, row, 0, RNG_TEST);
        for (uint32_t slot = 0; slot < rows[row].slots; slot++)
            model[slot] = CYCLES_NEVER;
        for (uint32_t i = 0; i < OPERATIONS; i++) {
            uint32_t next = model_next(rows[row].slots), slot = (uint32_t)rng_below(&rng, rows[row].slots);

            assert_int_equal(eventq_key_time(eventq_next(&queue)), model[next]);
            assert_true(model[next] == CYCLES_NEVER || eventq_key_slot(eventq_next(&queue)) == next);
            switch (rng_below(&rng, 4)) {
            case 0: /* pop */
                slot = next;
                model[slot] = CYCLES_NEVER;
                break;
            case 1: /* cancel */
                model[slot] = CYCLES_NEVER;
                break;
            default:
                model[slot] = rng_below(&rng, rows[row].range);
            }
            (rng_below(&rng, 2) == 0 ? eventq_set : eventq_set_near)(&queue, slot, model[slot]);
            assert_int_equal(eventq_time(&queue, slot), model[slot]);
        }
        arena_drop(&arena);
    }
}

/* One operation on a queue of which `held` was taken; returns the slot that is held then. */
static uint32_t random_operation(struct eventq *queue, struct rng *rng, uint32_t slots, uint32_t held)
{
    uint32_t next = model_next(slots), slot = (uint32_t)rng_below(rng, slots);
    cycles when = rng_below(rng, 50);

    switch (rng_below(rng, 8)) {
    case 0:
    case 1:
        assert_int_equal(eventq_key_time(eventq_next(queue)), model[next]);
        if (model[next] == CYCLES_NEVER)
            return held;
        assert_int_equal(eventq_next(queue), eventq_key(model[next], next));
        eventq_take(queue, eventq_key(model[next], next));
        model[next] = CYCLES_NEVER;
        return next;
    case 2:
        assert_int_equal(eventq_is_free_until(queue, when), model[next] > when);
        return held;
    case 3:
    case 4: /* from the slot that runs */
        if (model[held] != CYCLES_NEVER)
            return held;
        model[held] = when;
        bool is_first = model_next(slots) == held;
        assert_true(is_first || !eventq_is_known_first(queue, eventq_key(when, held)));
        assert_int_equal(eventq_set_or_take(queue, held, when), is_first);
        model[held] = is_first ? CYCLES_NEVER : when;
        return held;
    case 5:
        model[slot] = when;
        eventq_set_near(queue, slot, when);
        return held;
    case 6:
        when = CYCLES_NEVER;
        __attribute__((fallthrough));
    default:
        model[slot] = when;
        eventq_set(queue, slot, when);
        return held;
    }
}

static void taken_slots_agree_with_a_plain_array(void **state)
{
    static const uint32_t sizes[] = { 1, 2, 4, 5, 17, 100 };

    (void)state;
    for (size_t row = 0; row < sizeof(sizes) / sizeof(sizes[0]); row++) {
        struct eventq queue;
        struct arena arena;
        struct rng rng;
        uint32_t held = 0;

        assert_true(arena_init(&arena, (size_t)1 << 24));
        eventq_init(&queue, &arena, sizes[row]);
        rng_init(&rng, row, 1, RNG_TEST);
        for (uint32_t slot = 0; slot < sizes[row]; slot++)
            model[slot] = CYCLES_NEVER;
        for (uint32_t i = 0; i < OPERATIONS; i++) {
            held = random_operation(&queue, &rng, sizes[row], held);
            for (uint32_t slot = 0; slot < sizes[row]; slot++)
                assert_int_equal(eventq_time(&queue, slot), model[slot]);
        }
        arena_drop(&arena);
    }
}

/* Popping everything gives times in order, and equal times by slot. */
static void largest_queue_drains_in_order(void **state)
{
    struct eventq queue;
    struct arena arena;
    struct rng rng;
    uint64_t previous = 0;

    (void)state;
    assert_true(arena_init(&arena, (size_t)1 << 24));
    eventq_init(&queue, &arena, EVENTQ_SLOTS_MAX);
    rng_init(&rng, 1, 0, RNG_TEST);
    for (uint32_t slot = 0; slot < EVENTQ_SLOTS_MAX; slot++)
        eventq_set(&queue, slot, rng_below(&rng, 1000));
    for (uint32_t i = 0; i < EVENTQ_SLOTS_MAX; i++) {
        uint64_t key = eventq_next(&queue);

        assert_true(key > previous || i == 0);
        assert_true(eventq_key_time(key) < 1000);
        eventq_set(&queue, eventq_key_slot(key), CYCLES_NEVER);
        previous = key;
    }
    assert_int_equal(eventq_key_time(eventq_next(&queue)), CYCLES_NEVER);
    arena_drop(&arena);
}

static void last_time_before_never_is_kept(void **state)
{
    struct eventq queue;
    struct arena arena;

    (void)state;
    assert_true(arena_init(&arena, (size_t)1 << 16));
    eventq_init(&queue, &arena, 3);
    assert_int_equal(eventq_key_time(eventq_next(&queue)), CYCLES_NEVER);
    eventq_set(&queue, 2, CYCLES_NEVER - 1);
    assert_int_equal(eventq_key_slot(eventq_next(&queue)), 2);
    assert_int_equal(eventq_key_time(eventq_next(&queue)), CYCLES_NEVER - 1);
    arena_drop(&arena);
}

static void open_queue(void *argument)
{
    struct eventq queue;
    struct arena arena;

    if (arena_init(&arena, (size_t)1 << 24))
        eventq_init(&queue, &arena, *(uint32_t *)argument);
}

static void impossible_sizes_are_caught(void **state)
{
    uint32_t sizes[] = { 0, EVENTQ_SLOTS_MAX + 1 };

    (void)state;
    for (size_t i = 0; i < 2; i++)
        assert_check_fails(open_queue, &sizes[i], "slots");
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(random_operations_agree_with_a_plain_array),
        cmocka_unit_test(taken_slots_agree_with_a_plain_array),
        cmocka_unit_test(largest_queue_drains_in_order),
        cmocka_unit_test(last_time_before_never_is_kept),
        cmocka_unit_test(impossible_sizes_are_caught),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
