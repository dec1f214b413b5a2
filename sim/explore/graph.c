/* SPDX-License-Identifier: Apache-2.0
 *
 * The graph of explored states.
 */
#include "explore/graph.h"

#include <stdlib.h>
#include <string.h>

#include "base/check.h"

#define FIRST_SIZE 65536

void explore_graph_init(struct explore_graph *graph)
{
    *graph = (struct explore_graph){ .table_size = FIRST_SIZE };
    graph->table = calloc(graph->table_size, sizeof(*graph->table));
    CHECK(graph->table != NULL);
}

void explore_graph_free(struct explore_graph *graph)
{
    free(graph->nodes);
    free(graph->table);
    free(graph->edges);
    *graph = (struct explore_graph){ .table_size = 0 };
}

/* Where the fingerprint stands, or the empty place where it belongs. */
static uint64_t place_of(const struct explore_graph *graph, const struct fingerprint *fingerprint)
{
    uint64_t place = fingerprint->low & (graph->table_size - 1);

    while (graph->table[place] != 0) {
        const struct fingerprint *other = &graph->nodes[graph->table[place] - 1].fingerprint;
        if (other->low == fingerprint->low && other->high == fingerprint->high)
            break;
        place = (place + 1) & (graph->table_size - 1);
    }
    return place;
}

static void table_grow(struct explore_graph *graph)
{
    free(graph->table);
    graph->table_size *= 2;
    graph->table = calloc(graph->table_size, sizeof(*graph->table));
    CHECK(graph->table != NULL);
    for (uint64_t i = 0; i < graph->node_count; i++)
        graph->table[place_of(graph, &graph->nodes[i].fingerprint)] = (uint32_t)i + 1;
}

uint32_t explore_graph_add(struct explore_graph *graph, const struct explore_node *node, bool *is_new)
{
    uint64_t place = place_of(graph, &node->fingerprint);

    *is_new = graph->table[place] == 0;
    if (!*is_new)
        return graph->table[place] - 1;
    CHECK(graph->node_count < EXPLORE_NODES_MAX);
    if (graph->node_count == graph->node_capacity) {
        graph->node_capacity = graph->node_capacity ? 2 * graph->node_capacity : FIRST_SIZE / 2;
        graph->nodes = realloc(graph->nodes, graph->node_capacity * sizeof(*graph->nodes));
        CHECK(graph->nodes != NULL);
    }
    graph->nodes[graph->node_count++] = *node;
    graph->table[place] = (uint32_t)graph->node_count;
    if (graph->node_count * 2 > graph->table_size)
        table_grow(graph);
    return (uint32_t)graph->node_count - 1;
}

void explore_graph_edge(struct explore_graph *graph, uint32_t from, uint32_t to)
{
    if (graph->edge_count == graph->edge_capacity) {
        graph->edge_capacity = graph->edge_capacity ? 2 * graph->edge_capacity : FIRST_SIZE;
        graph->edges = realloc(graph->edges, graph->edge_capacity * sizeof(*graph->edges));
        CHECK(graph->edges != NULL);
    }
    graph->edges[graph->edge_count++] = (struct explore_edge){ from, to };
}

void explore_graph_mark_end(struct explore_graph *graph, uint32_t node) { graph->nodes[node].is_end = true; }

uint16_t *explore_graph_path(const struct explore_graph *graph, uint32_t node, size_t *count)
{
    size_t length = 0;
    uint16_t *path;

    for (uint32_t at = node; graph->nodes[at].parent != EXPLORE_NO_NODE; at = graph->nodes[at].parent)
        length++;
    path = calloc(length + 1, sizeof(*path));
    CHECK(path != NULL);
    *count = length;
    for (uint32_t at = node; length > 0; at = graph->nodes[at].parent)
        path[--length] = graph->nodes[at].slot;
    return path;
}

/* starts[to] .. starts[to + 1] are the places in `sources` of the states from which a step leads to `to`. */
static void reverse(const struct explore_graph *graph, uint64_t *starts, uint32_t *sources)
{
    for (uint64_t i = 0; i < graph->edge_count; i++)
        starts[graph->edges[i].to + 2]++;
    for (uint64_t node = 2; node < graph->node_count + 2; node++)
        starts[node] += starts[node - 1];
    for (uint64_t i = 0; i < graph->edge_count; i++)
        sources[starts[graph->edges[i].to + 1]++] = graph->edges[i].from;
}

uint32_t explore_graph_first_endless(const struct explore_graph *graph)
{
    uint64_t *starts = calloc(graph->node_count + 2, sizeof(*starts));
    uint32_t *sources = calloc(graph->edge_count + 1, sizeof(*sources));
    uint32_t *queue = calloc(graph->node_count + 1, sizeof(*queue)), result = EXPLORE_NO_NODE;
    bool *can_end = calloc(graph->node_count + 1, sizeof(*can_end));
    uint64_t head = 0, tail = 0;

    CHECK(starts && sources && queue && can_end);
    reverse(graph, starts, sources);
    for (uint64_t node = 0; node < graph->node_count; node++)
        if (graph->nodes[node].is_end) {
            can_end[node] = true;
            queue[tail++] = (uint32_t)node;
        }
    for (; head < tail; head++)
        for (uint64_t i = starts[queue[head]]; i < starts[queue[head] + 1]; i++)
            if (!can_end[sources[i]]) {
                can_end[sources[i]] = true;
                queue[tail++] = sources[i];
            }
    for (uint64_t node = 0; node < graph->node_count && result == EXPLORE_NO_NODE; node++)
        if (!can_end[node])
            result = (uint32_t)node;
    free(starts);
    free(sources);
    free(queue);
    free(can_end);
    return result;
}

uint64_t explore_graph_bytes(const struct explore_graph *graph)
{
    return graph->node_capacity * sizeof(*graph->nodes) + graph->table_size * sizeof(*graph->table) +
           graph->edge_capacity * sizeof(*graph->edges);
}
