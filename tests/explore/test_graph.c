/* SPDX-License-Identifier: Apache-2.0
 *
 * Tests the graph of states: new and known states, the least origin, paths, states without a reachable end, growth of
 * the table, and concurrent workers.
 */
#include "explore/graph.h"

#include <stdlib.h>

#include "death.h"

static struct fingerprint print_of(uint64_t i) { return (struct fingerprint){ i * 0x9e3779b97f4a7c15u, i }; }

static void rank_add(struct explore_graph *graph, uint32_t node)
{
    graph->order[graph->counts->ranks++] = node;
    explore_graph_reserve(graph, 16);
}

/* 0 -> 1 -> 2 (end); 0 -> 3 <-> 4: from 3 and 4 there is no way to an end. */
static void test_endless(void **state)
{
    static const struct {
        uint32_t from, to[2], count;
    } steps[] = { { 0, { 1, 3 }, 2 }, { 1, { 2 }, 1 }, { 3, { 4 }, 1 }, { 4, { 3 }, 1 } };
    static const uint32_t parents[] = { 0, 0, 1, 0, 3 };
    struct explore_graph graph;
    const uint32_t way_out = 2;
    size_t count;
    bool is_new;

    (void)state;
    assert_true(explore_graph_init(&graph, 100, 2));
    for (uint32_t i = 0; i < 5; i++) {
        assert_int_equal(explore_graph_add(&graph, print_of(i), explore_origin(parents[i], 10 + i), &is_new), i);
        assert_true(is_new);
        assert_int_equal(explore_graph_add(&graph, print_of(i), explore_origin(parents[i], 20 + i), &is_new), i);
        assert_false(is_new);
        rank_add(&graph, i);
    }
    for (size_t i = 0; i < sizeof(steps) / sizeof(*steps); i++)
        explore_graph_edges(&graph, i % 2, steps[i].from, steps[i].to, steps[i].count);
    assert_int_equal(explore_graph_first_endless(&graph), 3);
    explore_graph_edges(&graph, 1, 4, &way_out, 1);
    assert_int_equal(explore_graph_first_endless(&graph), EXPLORE_NO_RANK);
    uint16_t *path = explore_graph_path(&graph, atomic_load(&graph.nodes[4].origin), &count);
    assert_int_equal(count, 2);
    assert_int_equal(path[0], 13);
    assert_int_equal(path[1], 14);
    free(path);
    explore_graph_free(&graph);
}

/* The table still finds every state after it has grown. */
static void test_growth(void **state)
{
    enum { STATES = 100000 };
    struct explore_graph graph;
    bool is_new;

    (void)state;
    assert_true(explore_graph_init(&graph, STATES, 1));
    for (int round = 0; round < 2; round++)
        for (uint32_t i = 0; i < STATES; i++) {
            struct fingerprint print = { (i / 3) * 0x9e3779b97f4a7c15u, i };
            assert_int_equal(explore_graph_add(&graph, print, i, &is_new), i);
            assert_int_equal(is_new, round == 0);
            if (round == 0)
                rank_add(&graph, i);
        }
    assert_true(explore_graph_bytes(&graph) < STATES * (uint64_t)60);
    explore_graph_free(&graph);
}

/* Three workers add the same states in different orders: every state is new exactly once and has the least origin. */
static void test_workers(void **state)
{
    enum { STATES = 20000, WORKERS = 3 };
    struct explore_graph graph;
    struct workers workers;
    bool is_new;

    (void)state;
    assert_true(explore_graph_init(&graph, WORKERS * STATES, WORKERS) && workers_init(&workers));
    _Atomic uint64_t *new_count = workers_map(sizeof(*new_count));
    assert_non_null(new_count);
    workers_fork(&workers, WORKERS);
    for (uint64_t i = 0; i < STATES; i++) {
        uint64_t number = (i * 7 + workers.self * 4000) % STATES;
        (void)explore_graph_add(&graph, print_of(number), explore_origin((uint32_t)number, 5 - workers.self), &is_new);
        atomic_fetch_add(new_count, is_new);
    }
    workers_join(&workers);
    assert_int_equal(atomic_load(new_count), STATES);
    for (uint64_t i = 0; i < STATES; i++) {
        uint32_t node = explore_graph_add(&graph, print_of(i), UINT64_MAX, &is_new);
        assert_false(is_new);
        assert_int_equal(atomic_load(&graph.nodes[node].origin), explore_origin((uint32_t)i, 5 - (WORKERS - 1)));
    }
    workers_unmap(new_count, sizeof(*new_count));
    explore_graph_free(&graph);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_endless),
        cmocka_unit_test(test_growth),
        cmocka_unit_test(test_workers),
    };

    return cmocka_run_group_tests_name("graph", tests, NULL, NULL);
}
