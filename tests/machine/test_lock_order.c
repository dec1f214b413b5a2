/* SPDX-License-Identifier: Apache-2.0
 *
 * Cycles in lock order graphs of hand-made edges.
 */
#include "machine/lock_order.h"

#include <string.h>

#include "death.h"

struct row {
    const char *name;
    struct lock_edge edges[4];
    uint32_t count;
    size_t cycle; /* its length; 0: none */
};

static void test_cycles(void **state)
{
    static const struct row rows[] = {
        { "one order", { { { 0 }, 0, 1 }, { { 0 }, 1, 2 }, { { 0 }, 0, 2 } }, 3, 0 },
        { "both orders", { { { 0 }, 0, 1 }, { { 0 }, 1, 0 } }, 2, 2 },
        { "of three", { { { 0 }, 0, 1 }, { { 0 }, 1, 2 }, { { 0 }, 2, 0 } }, 3, 3 },
        { "under a guard", { { { 1u << 7 }, 0, 1 }, { { 1u << 7 }, 1, 0 } }, 2, 0 },
        { "under two guards", { { { 1u << 7 }, 0, 1 }, { { 1u << 8 }, 1, 0 } }, 2, 2 },
        { "a far guard", { { { 0, 1 }, 0, 1 }, { { 0, 1 }, 1, 0 } }, 2, 0 },
        { "once without it", { { { 4 }, 0, 1 }, { { 4 }, 1, 0 }, { { 0 }, 1, 0 } }, 3, 2 },
    };

    (void)state;
    for (size_t i = 0; i < sizeof(rows) / sizeof(*rows); i++)
        for (int backwards = 0; backwards < 2; backwards++) {
            struct lock_order order = { .count = 0 };
            struct lock_edge cycle[4], again[4];

            for (uint32_t e = 0; e < rows[i].count; e++)
                lock_order_add(&order, &rows[i].edges[backwards ? rows[i].count - 1 - e : e]);
            if (lock_order_cycle(&order, cycle, 4) != rows[i].cycle)
                fail_msg("%s", rows[i].name);
            if (!backwards)
                memcpy(again, cycle, sizeof(again));
            assert_memory_equal(cycle, again, rows[i].cycle * sizeof(*cycle));
            for (size_t e = 0; e < rows[i].cycle; e++)
                assert_int_equal(cycle[e].to, cycle[(e + 1) % rows[i].cycle].from);
        }
}

static void test_capacity(void **state)
{
    static const struct lock_edge edges[] = { { { 0 }, 0, 1 }, { { 0 }, 1, 2 }, { { 0 }, 2, 0 } };
    struct lock_order order = { .count = 0 };
    struct lock_edge cycle[2];

    (void)state;
    for (int i = 0; i < 3; i++)
        lock_order_add(&order, &edges[i]);
    assert_int_equal(lock_order_cycle(&order, cycle, 2), 0);
}

static void test_merge(void **state)
{
    struct lock_order one = { .count = 0 }, other = { .is_truncated = true };
    struct lock_edge cycle[4];

    (void)state;
    lock_order_add(&one, &(struct lock_edge){ .from = 3, .to = 4 });
    lock_order_add(&one, &(struct lock_edge){ .from = 3, .to = 4 });
    assert_int_equal(one.count, 1);
    lock_order_add(&other, &(struct lock_edge){ .from = 4, .to = 3 });
    lock_order_add(&other, &(struct lock_edge){ .from = 3, .to = 4 });
    lock_order_merge(&one, &other);
    assert_int_equal(one.count, 2);
    assert_true(one.is_truncated);
    assert_int_equal(lock_order_cycle(&one, cycle, 4), 2);
}

static void test_full(void **state)
{
    static struct lock_order order;

    (void)state;
    for (uint64_t i = 0; i <= LOCK_ORDER_EDGES; i++) {
        assert_false(order.is_truncated);
        lock_order_add(&order, &(struct lock_edge){ .held = { i }, .from = 0, .to = 1 });
    }
    assert_true(order.is_truncated);
    assert_int_equal(order.count, LOCK_ORDER_EDGES);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_cycles),
        cmocka_unit_test(test_capacity),
        cmocka_unit_test(test_merge),
        cmocka_unit_test(test_full),
    };

    return cmocka_run_group_tests_name("lock_order", tests, NULL, NULL);
}
