/* SPDX-License-Identifier: Apache-2.0
 *
 * The list of locks. A row has the name of a file of this folder, which defines lock_NAME; the lock's name in a
 * scenario; and the line that `irqpath list locks` prints. A kind of lock is identified by its index in the list.
 */
#ifndef MODELS_LOCKS_LIST_H
#define MODELS_LOCKS_LIST_H

#include <stdint.h>

#include "base/option.h"

#define LOCK_LIST(LOCK) \
    LOCK(ttas, "ttas", "test and test-and-set, unfair: Xen up to 4.5") \
    LOCK(ticket, "ticket", "fair, all waiters read one line: Xen from 4.6") \
    LOCK(mcs, "mcs", "fair, each waiter reads its own line") \
    LOCK(spinlock, "spinlock", "unfair, every waiter repeats a compare-and-swap")

struct lock_operations;

struct lock_kind {
    const char *name;
    const struct lock_operations *operations;
};

extern const struct lock_kind lock_kinds[];
extern const uint32_t lock_kind_count;

/* The list as the values of an option. */
extern const struct option_name lock_names[];

/* Returns the index of the lock with this name, or lock_kind_count when there is none. */
uint32_t lock_find(const char *name);

#endif
