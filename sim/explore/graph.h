/* SPDX-License-Identifier: Apache-2.0
 *
 * The states found so far: fingerprint, and the step that found it; and all steps between them, from which the states
 * that can't reach an end follow.
 */
#ifndef EXPLORE_GRAPH_H
#define EXPLORE_GRAPH_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "explore/state.h"

#define EXPLORE_NO_NODE UINT32_MAX
#define EXPLORE_NODES_MAX (UINT32_MAX - 1)
#define EXPLORE_NOBODY UINT16_MAX

struct explore_node {
    struct fingerprint fingerprint;
    uint32_t parent;
    uint16_t slot; /* that went from parent to here */
    bool is_end;
    uint16_t last, preemptions; /* with a bound on preemptions: the CPU that went last; how many so far */
};

struct explore_edge {
    uint32_t from, to;
};

struct explore_graph {
    struct explore_node *nodes;
    uint64_t node_count, node_capacity;
    uint32_t *table; /* node + 1 by fingerprint, open addressing */
    uint64_t table_size;
    struct explore_edge *edges;
    uint64_t edge_count, edge_capacity;
};

void explore_graph_init(struct explore_graph *graph);
void explore_graph_free(struct explore_graph *graph);

/* The node of this fingerprint, new or not. */
uint32_t explore_graph_add(struct explore_graph *graph, const struct explore_node *node, bool *is_new);
void explore_graph_edge(struct explore_graph *graph, uint32_t from, uint32_t to);
void explore_graph_mark_end(struct explore_graph *graph, uint32_t node);

/* Slots from the first state to this one; to be freed. */
uint16_t *explore_graph_path(const struct explore_graph *graph, uint32_t node, size_t *count);

/* Of a complete graph: the first state found from which no end can be reached; EXPLORE_NO_NODE when there is none. */
uint32_t explore_graph_first_endless(const struct explore_graph *graph);

uint64_t explore_graph_bytes(const struct explore_graph *graph);

#endif
