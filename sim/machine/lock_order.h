/* SPDX-License-Identifier: Apache-2.0
 *
 * Which lock was taken while which others were held, on any path explored so far. Plain data without pointers: several
 * explorations of one machine are merged by adding the edges of one to those of the other.
 */
#ifndef MACHINE_LOCK_ORDER_H
#define MACHINE_LOCK_ORDER_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#define LOCK_ORDER_LOCKS 128 /* locks are numbered as they were named: explored_lock */
#define LOCK_ORDER_EDGES 1024

struct lock_edge {
    uint64_t held[LOCK_ORDER_LOCKS / 64]; /* the others held then, without `from` */
    uint8_t from, to;                     /* `to` was asked for by one who held `from` */
};

struct lock_order {
    struct lock_edge edges[LOCK_ORDER_EDGES]; /* all different */
    uint32_t count;
    bool is_truncated; /* there were more locks, or more edges */
};

bool lock_edge_is_equal(const struct lock_edge *a, const struct lock_edge *b);
void lock_order_add(struct lock_order *order, const struct lock_edge *edge);
void lock_order_merge(struct lock_order *order, const struct lock_order *other);

/* The edges of a cycle which nothing held outside of it prevents: no lock is held at all of its edges. Their number, at
 * most `capacity`; 0: there is none. The same whatever the order in which the edges came. */
size_t lock_order_cycle(const struct lock_order *order, struct lock_edge *cycle, size_t capacity);

#endif
