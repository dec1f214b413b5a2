/* SPDX-License-Identifier: Apache-2.0
 *
 * Tests the visited states: new and known states, the least origin, ranks, paths, growth of the table, and concurrent
 * workers.
 */
#include "explore/visited.h"

#include <stdlib.h>

#include "death.h"

enum { STATES = 50000, WORKERS = 3 };

static struct visited_state state_of(uint32_t number)
{
    return (struct visited_state){ { number / 7 + 1, number % 7 + 1 }, (uint16_t)(number % 2) };
}

static struct visited_number add(struct visited *visited, uint32_t number, uint64_t origin)
{
    return visited_add(visited, state_of(number), visited_prefetch(visited, state_of(number)),
                       visited_arrival(origin, number % 2));
}

static void settle(struct visited *visited)
{
    visited_settle(visited);
    visited_reserve(visited, 1000);
}

/* 0 -> 1 -> 2, and another way to 2 that is found first but begins later. */
static void test_origins(void **state)
{
    struct visited visited;
    size_t count;

    (void)state;
    visited_init(&visited, STATES);
    visited_rank(&visited, add(&visited, 0, 0).number, 0);
    settle(&visited);
    visited_rank(&visited, add(&visited, 1, visited_origin(0, 5)).number, 1);
    settle(&visited);
    struct visited_number late = add(&visited, 2, visited_origin(1, 9));
    assert_true(late.is_new);
    struct visited_number early = add(&visited, 2, visited_origin(1, 7));
    assert_false(early.is_new);
    assert_int_equal(early.number, late.number);
    assert_false(add(&visited, 1, visited_origin(1, 8)).is_new);
    assert_int_equal(add(&visited, 1, visited_origin(1, 8)).number, 1);
    visited_rank(&visited, late.number, 2);
    settle(&visited);
    assert_int_equal(visited_ranks(&visited), 3);
    assert_int_equal(visited_find(&visited, state_of(2)), 2);
    assert_int_equal(visited_find(&visited, state_of(3)), VISITED_NO_RANK);
    assert_int_equal(visited_origin_of(&visited, 2), visited_origin(1, 7));
    assert_int_equal(visited.onward[2], VISITED_NO_RANK);
    assert_true(visited.sleeps[1] == 1 && visited.sleeps[2] == 0);
    uint16_t *path = visited_path(&visited, visited_origin_of(&visited, 2), &count);
    assert_int_equal(count, 2);
    assert_int_equal(path[0], 5);
    assert_int_equal(path[1], 7);
    free(path);
    visited_free(&visited);
}

/* The table still finds every state after it has grown. */
static void test_growth(void **state)
{
    struct visited visited;

    (void)state;
    visited_init(&visited, STATES);
    for (uint32_t number = 0; number < STATES; number++) {
        assert_true(visited_has_room(&visited, 1));
        visited_rank(&visited, add(&visited, number, visited_origin(number, 1)).number, number);
        if (number % 500 == 0)
            settle(&visited);
    }
    settle(&visited);
    for (uint32_t number = 0; number < STATES; number++)
        assert_int_equal(visited_find(&visited, state_of(number)), number);
    uint64_t bytes = visited_bytes(&visited);
    assert_true(bytes < STATES * 38ul);
    visited_forget_sleeps(&visited, 100); /* less than a page */
    assert_true(visited_bytes(&visited) == bytes && visited.sleeps[99] == 1);
    visited_forget_sleeps(&visited, STATES - 1);
    assert_true(visited_bytes(&visited) < STATES * 34ul + 8192);
    assert_true(visited.sleeps[1] == 0 && visited.sleeps[STATES - 1] == 1);
    visited_free(&visited);
}

/* Those kept have the ranks of those before them that are kept; the others are new again, and what lies behind all of
 * them is left alone. */
static void test_retain(void **state)
{
    enum { KNOWN = 90, KEPT = KNOWN / 3 };
    static const bool patterns[][3] = { { true, false, false }, { false, true, false }, { false, false, true } };

    (void)state;
    for (size_t i = 0; i < sizeof(patterns) / sizeof(patterns[0]); i++) {
        struct visited visited;
        bool is_kept[KNOWN];

        visited_init(&visited, STATES);
        for (uint32_t number = 0; number < KNOWN; number++) {
            is_kept[number] = patterns[i][number % 3];
            visited_rank(&visited, add(&visited, number, visited_origin(number / 2, number % 5)).number, number);
        }
        settle(&visited);
        for (uint32_t number = 0; number < KNOWN; number++)
            visited.onward[number] = 1000 + number;
        visited.lasts[KNOWN] = 77;
        visited.sleeps[KNOWN] = 78;
        visited_retain(&visited, is_kept);
        assert_int_equal(visited_ranks(&visited), KEPT);
        for (uint32_t number = 0, rank = 0; number < KNOWN; number++) {
            assert_int_equal(visited_find(&visited, state_of(number)), is_kept[number] ? rank : VISITED_NO_RANK);
            if (!is_kept[number])
                continue;
            assert_int_equal(visited_origin_of(&visited, rank), visited_origin(number / 2, number % 5));
            assert_int_equal(visited.sleeps[rank], number % 2);
            assert_int_equal(visited.onward[rank++], 1000 + number);
        }
        for (uint32_t rank = KEPT; rank < KNOWN; rank++)
            assert_true(visited.lasts[rank] == 0 && visited.sleeps[rank] == 0);
        assert_true(visited.lasts[KNOWN] == 77 && visited.sleeps[KNOWN] == 78);
        assert_true(add(&visited, is_kept[0] ? 1 : 0, visited_origin(0, 1)).is_new);
        visited_free(&visited);
    }
}

/* Every worker adds every state: each state is new for one of them, and keeps the least origin. */
static void test_workers(void **state)
{
    struct visited visited;
    struct workers workers;

    (void)state;
    visited_init(&visited, WORKERS * (uint64_t)STATES);
    workers_init(&workers);
    uint32_t *numbers = workers_map(STATES * sizeof(*numbers));
    assert_non_null(numbers);
    visited_reserve(&visited, WORKERS * STATES);
    workers_fork(&workers, WORKERS);
    for (uint32_t i = 0; i < STATES; i++) {
        uint32_t number = workers.self % 2 == 0 ? i : STATES - 1 - i;
        struct visited_number arrival = add(&visited, number, visited_origin(number, 9 - workers.self));
        if (arrival.is_new)
            numbers[number] = arrival.number + 1;
    }
    workers_join(&workers);
    for (uint32_t number = 0; number < STATES; number++) {
        assert_int_not_equal(numbers[number], 0);
        visited_rank(&visited, numbers[number] - 1, number);
    }
    visited_settle(&visited);
    assert_int_equal(visited_ranks(&visited), STATES);
    for (uint32_t number = 0; number < STATES; number++) {
        assert_int_equal(visited_find(&visited, state_of(number)), number);
        assert_int_equal(visited_origin_of(&visited, number), visited_origin(number, 9 - (WORKERS - 1)));
    }
    workers_unmap(numbers, STATES * sizeof(*numbers));
    visited_free(&visited);
}

int main(void)
{
    const struct CMUnitTest tests[] = { cmocka_unit_test(test_origins), cmocka_unit_test(test_growth),
                                        cmocka_unit_test(test_retain), cmocka_unit_test(test_workers) };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
