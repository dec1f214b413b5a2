/* SPDX-License-Identifier: Apache-2.0
 *
 * Lock order: one path takes lock B while holding A, another takes A while holding B, perhaps through further locks,
 * and no common lock held on all of these paths excludes them from each other. The deadlock need not be reachable in
 * the explored configuration; it may be in a larger one. Checked once for a whole exploration.
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
