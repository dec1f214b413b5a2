/* SPDX-License-Identifier: Apache-2.0
 *
 * The states found so far: fingerprint, and the step that found it; and all steps between them, from which the states
 * that can't reach an end follow. In memory that a crew shares: states are added by all workers at once, the rest is
 * done by one while the others wait.
 *
 * A node is a place in memory, whatever the order of finding; a rank is a state's place in the order of one worker
 * alone, and no worker or their number has a part in it.
 */
#ifndef EXPLORE_GRAPH_H
#define EXPLORE_GRAPH_H

#include <stdatomic.h>
#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "explore/crew.h"
#include "explore/state.h"

#define EXPLORE_NO_RANK UINT32_MAX
#define EXPLORE_NODES_MAX ((uint64_t)1 << 31)

/* The rank of the state before and the slot that went from there: the least of all that lead to the state. */
static inline uint64_t explore_origin(uint32_t rank, uint32_t slot)
{
    return (uint64_t)rank << EVENTQ_SLOT_BITS | slot;
}

struct explore_node {
    struct fingerprint fingerprint;
    _Atomic uint64_t origin;
};

/* Shared: what changes after a fork. */
struct graph_counts {
    _Atomic uint64_t nodes;
    uint64_t ranks, table_size;
    uint64_t edge_units[CREW_MAX];
};

struct explore_graph {
    struct graph_counts *counts;
    struct explore_node *nodes;
    uint32_t *order;          /* node by rank */
    _Atomic uint32_t *table;  /* node + 1 by fingerprint, open addressing */
    uint32_t *edges;          /* a part for each worker: rank, number of steps, nodes they lead to; and again */
    uint64_t node_max, table_max, edge_units_max;
    uint32_t parts;
};

/* For so many states and workers. False when the system refuses the memory. */
bool explore_graph_init(struct explore_graph *graph, uint64_t node_max, uint32_t parts);
void explore_graph_free(struct explore_graph *graph);

/* Room in the table for `more` states. One worker, while the others wait. */
void explore_graph_reserve(struct explore_graph *graph, uint64_t more);

/* The node of this fingerprint, new or not. Any worker, at any time. */
uint32_t explore_graph_add(struct explore_graph *graph, struct fingerprint fingerprint, uint64_t origin, bool *is_new);

/* The steps from a state, by the worker of that part. */
void explore_graph_edges(struct explore_graph *graph, uint32_t part, uint32_t from_rank, const uint32_t *to,
                         uint32_t count);

/* The slots of an origin and of all before it; to be freed. */
uint16_t *explore_graph_path(const struct explore_graph *graph, uint64_t origin, size_t *count);

/* Of a complete graph, where a state without steps is an end: the first rank from which no end can be reached;
 * EXPLORE_NO_RANK when there is none. */
uint32_t explore_graph_first_endless(const struct explore_graph *graph);

uint64_t explore_graph_bytes(const struct explore_graph *graph);

#endif
