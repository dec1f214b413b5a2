/* SPDX-License-Identifier: Apache-2.0
 *
 * Lock order: one path takes a lock B while it holds A, another one A while it holds B, perhaps over further locks, and
 * no other lock is held on all of these paths that would keep them apart. They need not have met in what was
 * explored: a larger configuration can bring them together. Asked of a whole exploration.
 */
#include <stdio.h>
#include <string.h>

#include "machine/lock_order_record.h"
#include "properties/properties.h"

#define EDGES_MAX 4

bool property_lock_order(const struct explored *explored, struct lock_edge *edge, char *text, size_t text_bytes)
{
    struct lock_edge cycle[EDGES_MAX];
    size_t used = 0, count;

    count = explored->order == NULL ? 0 : lock_order_cycle(explored->order, cycle, EDGES_MAX);
    if (count == 0)
        return false;
    for (size_t i = 0; i < count && used < text_bytes; i++) {
        char from[64], to[64];
        lock_order_name(explored, cycle[i].from, from, sizeof(from));
        lock_order_name(explored, cycle[i].to, to, sizeof(to));
        used += (size_t)snprintf(text + used, text_bytes - used, "%s%s is taken while %s is held",
                                 i > 0 ? ", and elsewhere " : "", to, from);
    }
    *edge = cycle[count - 1];
    return true;
}
