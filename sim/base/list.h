/* SPDX-License-Identifier: Apache-2.0
 *
 * A circular, doubly linked, intrusive list. An unlinked node points to itself, so that a caller can detect a node that
 * is already linked.
 */
#ifndef BASE_LIST_H
#define BASE_LIST_H

#include <stdbool.h>
#include <stddef.h>

struct list {
    struct list *next, *previous;
};

#define LIST_ENTRY(node, type, member) ((type *)(void *)((char *)(node)-offsetof(type, member)))

static inline void list_init(struct list *list) { list->next = list->previous = list; }

static inline bool list_is_empty(const struct list *list) { return list->next == list; }

/* Inserts `node` before `successor`. Inserting before the head appends to the list. */
static inline void list_insert_before(struct list *node, struct list *successor)
{
    node->next = successor;
    node->previous = successor->previous;
    successor->previous->next = node;
    successor->previous = node;
}

static inline void list_add_tail(struct list *node, struct list *head) { list_insert_before(node, head); }

static inline void list_remove(struct list *node)
{
    node->previous->next = node->next;
    node->next->previous = node->previous;
    list_init(node);
}

/* Moves all nodes of `from` to `into`, which is initialised first. */
static inline void list_splice(struct list *from, struct list *into)
{
    list_init(into);
    if (list_is_empty(from))
        return;
    into->next = from->next;
    into->previous = from->previous;
    into->next->previous = into;
    into->previous->next = into;
    list_init(from);
}

#endif
