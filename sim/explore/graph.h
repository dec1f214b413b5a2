/* SPDX-License-Identifier: Apache-2.0
 *
 * The graph of explored states, in memory shared by all workers: for each state its fingerprint and the step that found
 * it, and all steps between states, which show the states that cannot reach an end. All workers add states and edges
 * concurrently; the other functions are for one worker while the rest wait at a barrier.
 *
 * A node is an index into the array of states and depends on the order in which workers add them. A rank is the state's
 * position in the order that a single worker would find, and does not depend on the number of workers.
 */
#ifndef EXPLORE_GRAPH_H
#define EXPLORE_GRAPH_H

#include <stdatomic.h>
#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "explore/workers.h"
#include "explore/state.h"

#define EXPLORE_NO_RANK UINT32_MAX
#define EXPLORE_NODES_MAX ((uint64_t)1 << 31)

/* Encodes a step: the rank of the source state and the slot stepped. A node keeps the least origin of all steps that
 * lead to it. */
static inline uint64_t explore_origin(uint32_t rank, uint32_t slot)
{
    return (uint64_t)rank << EVENTQ_SLOT_BITS | slot;
}

struct explore_node {
    struct fingerprint fingerprint;
    _Atomic uint64_t origin;
};

/* The counters that change after the fork, in shared memory. */
struct graph_counts {
    _Atomic uint64_t nodes;
    uint64_t ranks, table_size;
    uint64_t edge_units[WORKERS_MAX];
};

struct explore_graph {
    struct graph_counts *counts;
    struct explore_node *nodes;
    uint32_t *order;         /* node by rank */
    _Atomic uint32_t *table; /* hash table by fingerprint with open addressing: node + 1, 0: free */
    uint32_t *edges;         /* one part for each worker, of records: source rank, count, `count` target nodes */
    uint64_t node_max, table_max, edge_units_max;
    uint32_t parts;
};

/* A graph for at most `node_max` nodes and `parts` workers. False when the memory cannot be mapped. */
bool explore_graph_init(struct explore_graph *graph, uint64_t node_max, uint32_t parts);
void explore_graph_free(struct explore_graph *graph);

/* Grows the table for `more` states. Only one worker may call it, while the others wait. */
void explore_graph_reserve(struct explore_graph *graph, uint64_t more);

/* Returns the node of this fingerprint and adds it if it is new; lowers its origin to `origin`. Safe for any worker at
 * any time. */
uint32_t explore_graph_add(struct explore_graph *graph, struct fingerprint fingerprint, uint64_t origin, bool *is_new);

/* Adds the steps from a state. Only the worker that owns the part may call it. */
void explore_graph_edges(struct explore_graph *graph, uint32_t part, uint32_t from_rank, const uint32_t *to,
                         uint32_t count);

/* The path from the first state to the target of `origin`, as slots in order. The caller frees it. */
uint16_t *explore_graph_path(const struct explore_graph *graph, uint64_t origin, size_t *count);

/* The first rank from which no end (a state without steps) can be reached; EXPLORE_NO_RANK when there is none. The
 * graph must be complete. */
uint32_t explore_graph_first_endless(const struct explore_graph *graph);

/* Memory in use, in bytes. */
uint64_t explore_graph_bytes(const struct explore_graph *graph);

#endif
