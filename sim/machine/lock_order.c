/* SPDX-License-Identifier: Apache-2.0
 *
 * The lock order graph: adding edges, and finding a shortest cycle of at most CYCLE_MAX locks.
 */
#include "machine/lock_order.h"

#include <stdlib.h>
#include <string.h>

#include "base/check.h"

#define CYCLE_MAX 4 /* locks; longer cycles are not searched for */

static int edge_compare(const void *a, const void *b)
{
    const struct lock_edge *x = a, *y = b;

    if (x->from != y->from)
        return x->from < y->from ? -1 : 1;
    if (x->to != y->to)
        return x->to < y->to ? -1 : 1;
    return memcmp(x->held, y->held, sizeof(x->held));
}

bool lock_edge_is_equal(const struct lock_edge *a, const struct lock_edge *b) { return edge_compare(a, b) == 0; }

void lock_order_add(struct lock_order *order, const struct lock_edge *edge)
{
    for (uint32_t i = 0; i < order->count; i++)
        if (lock_edge_is_equal(&order->edges[i], edge))
            return;
    if (order->count < LOCK_ORDER_EDGES)
        order->edges[order->count++] = *edge;
    else
        order->is_truncated = true;
}

void lock_order_merge(struct lock_order *order, const struct lock_order *other)
{
    for (uint32_t i = 0; i < other->count; i++)
        lock_order_add(order, &other->edges[i]);
    order->is_truncated |= other->is_truncated;
}

struct walk {
    const struct lock_edge *edges; /* sorted */
    uint32_t count;
    struct lock_edge path[CYCLE_MAX];
    size_t length;
};

static bool is_guarded(const struct walk *walk)
{
    for (size_t word = 0; word < LOCK_ORDER_LOCKS / 64; word++) {
        uint64_t common = UINT64_MAX;
        for (size_t i = 0; i < walk->length; i++)
            common &= walk->path[i].held[word];
        if (common != 0)
            return true;
    }
    return false;
}

/* Whether a path of exactly `length` edges can be completed to a cycle. */
static bool extend(struct walk *walk, size_t length)
{
    const struct lock_edge *last = &walk->path[walk->length - 1];

    if (walk->length == length)
        return last->to == walk->path[0].from && !is_guarded(walk);
    for (uint32_t i = 0; i < walk->count; i++) {
        if (walk->edges[i].from != last->to)
            continue;
        walk->path[walk->length++] = walk->edges[i];
        if (extend(walk, length))
            return true;
        walk->length--;
    }
    return false;
}

size_t lock_order_cycle(const struct lock_order *order, struct lock_edge *cycle, size_t capacity)
{
    struct walk walk = { .count = order->count };
    struct lock_edge *sorted = malloc((order->count + 1) * sizeof(*sorted));
    size_t found = 0;

    CHECK(sorted != NULL);
    memcpy(sorted, order->edges, order->count * sizeof(*sorted));
    qsort(sorted, order->count, sizeof(*sorted), edge_compare);
    walk.edges = sorted;
    for (size_t length = 1; length <= CYCLE_MAX && length <= capacity && found == 0; length++)
        for (uint32_t i = 0; i < walk.count && found == 0; i++) {
            walk.path[0] = sorted[i];
            walk.length = 1;
            if (extend(&walk, length))
                found = length;
        }
    memcpy(cycle, walk.path, found * sizeof(*cycle));
    free(sorted);
    return found;
}
