/* SPDX-License-Identifier: Apache-2.0
 *
 * The hash table of states, the lists of edges, and the backward search for states that cannot reach an end.
 */
#include "explore/graph.h"

#include <stdlib.h>
#include <string.h>

#include "base/check.h"

#define FIRST_TABLE_SIZE 65536
#define EDGE_UNITS_A_NODE 32
#define EDGE_UNITS_MIN ((uint64_t)1 << 24)

bool explore_graph_init(struct explore_graph *graph, uint64_t node_max, uint32_t parts)
{
    *graph = (struct explore_graph){ .node_max = node_max, .table_max = FIRST_TABLE_SIZE, .parts = parts };
    CHECK(node_max <= EXPLORE_NODES_MAX && parts <= WORKERS_MAX);
    while (graph->table_max < 2 * node_max)
        graph->table_max *= 2;
    graph->edge_units_max = EDGE_UNITS_A_NODE * node_max + EDGE_UNITS_MIN;
    graph->counts = workers_map(sizeof(*graph->counts));
    graph->nodes = workers_map(node_max * sizeof(*graph->nodes));
    graph->order = workers_map(node_max * sizeof(*graph->order));
    graph->table = workers_map(graph->table_max * sizeof(*graph->table));
    graph->edges = workers_map(parts * graph->edge_units_max * sizeof(*graph->edges));
    if (!graph->counts || !graph->nodes || !graph->order || !graph->table || !graph->edges) {
        explore_graph_free(graph);
        return false;
    }
    graph->counts->table_size = FIRST_TABLE_SIZE;
    return true;
}

void explore_graph_free(struct explore_graph *graph)
{
    workers_unmap(graph->counts, sizeof(*graph->counts));
    workers_unmap(graph->nodes, graph->node_max * sizeof(*graph->nodes));
    workers_unmap(graph->order, graph->node_max * sizeof(*graph->order));
    workers_unmap(graph->table, graph->table_max * sizeof(*graph->table));
    workers_unmap(graph->edges, graph->parts * graph->edge_units_max * sizeof(*graph->edges));
    *graph = (struct explore_graph){ .parts = 0 };
}

/* --- states --- */

static bool is_same(struct fingerprint a, struct fingerprint b) { return a.low == b.low && a.high == b.high; }

/* Lowers the node's origin to `origin` if that is less. */
static void origin_offer(struct explore_node *node, uint64_t origin)
{
    uint64_t known = atomic_load_explicit(&node->origin, memory_order_relaxed);

    while (origin < known && !atomic_compare_exchange_weak(&node->origin, &known, origin))
        ;
}

/* When two workers add the same state at once, one wins the table entry and the other's node stays unused. */
uint32_t explore_graph_add(struct explore_graph *graph, struct fingerprint fingerprint, uint64_t origin, bool *is_new)
{
    uint64_t mask = graph->counts->table_size - 1, place = fingerprint.low & mask;
    uint32_t own = 0;

    for (;;) {
        uint32_t found = atomic_load_explicit(&graph->table[place], memory_order_acquire);
        if (found == 0 && own == 0) {
            uint64_t node = atomic_fetch_add(&graph->counts->nodes, 1);
            CHECK(node < graph->node_max);
            graph->nodes[node].fingerprint = fingerprint;
            atomic_store_explicit(&graph->nodes[node].origin, origin, memory_order_relaxed);
            own = (uint32_t)node + 1;
        }
        if (found == 0 && atomic_compare_exchange_strong(&graph->table[place], &found, own)) {
            *is_new = true;
            return own - 1;
        }
        if (is_same(graph->nodes[found - 1].fingerprint, fingerprint)) {
            origin_offer(&graph->nodes[found - 1], origin);
            *is_new = false;
            return found - 1;
        }
        place = (place + 1) & mask;
    }
}

/* Rehashes the ranked states only: all states have ranks while no worker is adding any. */
void explore_graph_reserve(struct explore_graph *graph, uint64_t more)
{
    struct graph_counts *counts = graph->counts;
    uint64_t size = counts->table_size;

    while (size < graph->table_max && size < 2 * (counts->ranks + more))
        size *= 2;
    if (size == counts->table_size)
        return;
    for (uint64_t place = 0; place < counts->table_size; place++)
        atomic_store_explicit(&graph->table[place], 0, memory_order_relaxed);
    counts->table_size = size;
    for (uint64_t rank = 0; rank < counts->ranks; rank++) {
        uint32_t node = graph->order[rank];
        uint64_t place = graph->nodes[node].fingerprint.low & (size - 1);
        while (atomic_load_explicit(&graph->table[place], memory_order_relaxed) != 0)
            place = (place + 1) & (size - 1);
        atomic_store_explicit(&graph->table[place], node + 1, memory_order_relaxed);
    }
}

uint16_t *explore_graph_path(const struct explore_graph *graph, uint64_t origin, size_t *count)
{
    uint64_t slot_mask = EVENTQ_SLOTS_MAX - 1;
    size_t length = 1;
    uint16_t *path;

    for (uint64_t at = origin; at >> EVENTQ_SLOT_BITS != 0; length++)
        at = atomic_load(&graph->nodes[graph->order[at >> EVENTQ_SLOT_BITS]].origin);
    path = calloc(length, sizeof(*path));
    CHECK(path != NULL);
    *count = length;
    for (uint64_t at = origin; length > 0;) {
        path[--length] = (uint16_t)(at & slot_mask);
        if (length > 0)
            at = atomic_load(&graph->nodes[graph->order[at >> EVENTQ_SLOT_BITS]].origin);
    }
    return path;
}

/* --- steps --- */

void explore_graph_edges(struct explore_graph *graph, uint32_t part, uint32_t from_rank, const uint32_t *to,
                         uint32_t count)
{
    uint64_t used = graph->counts->edge_units[part];
    uint32_t *row = &graph->edges[part * graph->edge_units_max + used];

    CHECK(used + count + 2 <= graph->edge_units_max);
    row[0] = from_rank;
    row[1] = count;
    memcpy(&row[2], to, count * sizeof(*to));
    graph->counts->edge_units[part] = used + count + 2;
}

/* Iterates over all edges: `from` is the source's rank, edge_next gives the target's node, false at the end. */
struct edge_cursor {
    const struct explore_graph *graph;
    uint32_t part, left, from;
    uint64_t unit;
};

static bool edge_next(struct edge_cursor *cursor, uint32_t *to)
{
    const struct explore_graph *graph = cursor->graph;

    while (cursor->left == 0) {
        while (cursor->part < graph->parts && cursor->unit == graph->counts->edge_units[cursor->part]) {
            cursor->part++;
            cursor->unit = 0;
        }
        if (cursor->part == graph->parts)
            return false;
        const uint32_t *row = &graph->edges[cursor->part * graph->edge_units_max + cursor->unit];
        cursor->from = row[0];
        cursor->left = row[1];
        cursor->unit += 2;
    }
    *to = graph->edges[cursor->part * graph->edge_units_max + cursor->unit++];
    cursor->left--;
    return true;
}

/* Predecessors: sources[starts[node]] .. sources[starts[node + 1] - 1] are the nodes with a step to `node`. */
struct reversed {
    uint64_t *starts;
    uint32_t *sources;
    bool *has_steps;
};

static void reverse(const struct explore_graph *graph, struct reversed *reversed)
{
    uint64_t nodes = atomic_load(&graph->counts->nodes), edges = 0;
    struct edge_cursor cursor = { .graph = graph };
    uint32_t to;

    reversed->starts = calloc(nodes + 2, sizeof(*reversed->starts));
    reversed->has_steps = calloc(nodes + 1, sizeof(*reversed->has_steps));
    CHECK(reversed->starts != NULL && reversed->has_steps != NULL);
    for (; edge_next(&cursor, &to); edges++)
        reversed->starts[to + 2]++;
    reversed->sources = calloc(edges + 1, sizeof(*reversed->sources));
    CHECK(reversed->sources != NULL);
    for (uint64_t node = 2; node < nodes + 2; node++)
        reversed->starts[node] += reversed->starts[node - 1];
    cursor = (struct edge_cursor){ .graph = graph };
    while (edge_next(&cursor, &to)) {
        uint32_t from = graph->order[cursor.from];
        reversed->sources[reversed->starts[to + 1]++] = from;
        reversed->has_steps[from] = true;
    }
}

uint32_t explore_graph_first_endless(const struct explore_graph *graph)
{
    uint64_t nodes = atomic_load(&graph->counts->nodes), head = 0, tail = 0, rank = 0;
    uint32_t *queue = calloc(nodes + 1, sizeof(*queue));
    bool *can_end = calloc(nodes + 1, sizeof(*can_end));
    struct reversed reversed;

    CHECK(queue != NULL && can_end != NULL);
    reverse(graph, &reversed);
    for (uint32_t node = 0; node < nodes; node++)
        if (!reversed.has_steps[node]) {
            can_end[node] = true;
            queue[tail++] = node;
        }
    for (; head < tail; head++)
        for (uint64_t i = reversed.starts[queue[head]]; i < reversed.starts[queue[head] + 1]; i++)
            if (!can_end[reversed.sources[i]]) {
                can_end[reversed.sources[i]] = true;
                queue[tail++] = reversed.sources[i];
            }
    while (rank < graph->counts->ranks && can_end[graph->order[rank]])
        rank++;
    free(reversed.starts);
    free(reversed.sources);
    free(reversed.has_steps);
    free(queue);
    free(can_end);
    return rank < graph->counts->ranks ? (uint32_t)rank : EXPLORE_NO_RANK;
}

uint64_t explore_graph_bytes(const struct explore_graph *graph)
{
    const struct graph_counts *counts = graph->counts;
    uint64_t bytes = atomic_load(&counts->nodes) * sizeof(*graph->nodes) + counts->ranks * sizeof(*graph->order) +
                     counts->table_size * sizeof(*graph->table);

    for (uint32_t part = 0; part < graph->parts; part++)
        bytes += counts->edge_units[part] * sizeof(*graph->edges);
    return bytes;
}
