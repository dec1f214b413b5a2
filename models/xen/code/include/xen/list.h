/* SPDX-License-Identifier: Apache-2.0 OR MIT
 *
 * The tree's <xen/list.h>, whose functions tell when a list is being changed: invariants of lists hold in between.
 */
#ifndef IRQPATH_XEN_LIST_H
#define IRQPATH_XEN_LIST_H

#include_next <xen/list.h>

void irqpath_xen_list_changes(int by);

#define IRQPATH_LIST(operation) \
    do { \
        irqpath_xen_list_changes(1); \
        operation; \
        irqpath_xen_list_changes(-1); \
    } while (0)

#define list_add(node, head) IRQPATH_LIST((list_add)((node), (head)))
#define list_add_tail(node, head) IRQPATH_LIST((list_add_tail)((node), (head)))
#define list_del(node) IRQPATH_LIST((list_del)(node))
#define list_del_init(node) IRQPATH_LIST((list_del_init)(node))
#define list_move(node, head) IRQPATH_LIST((list_move)((node), (head)))
#define list_move_tail(node, head) IRQPATH_LIST((list_move_tail)((node), (head)))
#define list_splice(list, head) IRQPATH_LIST((list_splice)((list), (head)))
#define list_splice_init(list, head) IRQPATH_LIST((list_splice_init)((list), (head)))

#endif
