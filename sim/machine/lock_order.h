/* SPDX-License-Identifier: Apache-2.0
 *
 * The lock order graph: an edge for each lock that was taken while another one was held, on any path explored so far.
 * Plain data without pointers: the graphs of several explorations of one machine are merged by adding their edges.
 */
#ifndef MACHINE_LOCK_ORDER_H
#define MACHINE_LOCK_ORDER_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#define LOCK_ORDER_LOCKS 128 /* locks are numbered in the order of names_add */
#define LOCK_ORDER_EDGES 1024

struct lock_edge {
    uint64_t held[LOCK_ORDER_LOCKS / 64]; /* bit set of the other locks held, without `from` */
    uint8_t from, to;                     /* `to` was requested by a CPU that held `from` */
};

struct lock_order {
    struct lock_edge edges[LOCK_ORDER_EDGES]; /* all different */
    uint32_t count;
    bool is_truncated; /* there were more locks or more edges than fit */
};

bool lock_edge_is_equal(const struct lock_edge *a, const struct lock_edge *b);
void lock_order_add(struct lock_order *order, const struct lock_edge *edge);
void lock_order_merge(struct lock_order *order, const struct lock_order *other);

/* Finds a cycle that no common lock prevents, that is, one without a lock that is held at all of its edges. Writes its
 * edges to `cycle` and returns their number, at most `capacity`; 0: there is no such cycle. The result does not depend
 * on the order in which the edges were added. */
size_t lock_order_cycle(const struct lock_order *order, struct lock_edge *cycle, size_t capacity);

#endif
