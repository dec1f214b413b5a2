/* SPDX-License-Identifier: Apache-2.0
 *
 * Locks of a code object: its lock objects are known by their addresses, and the lock of the model stands behind each.
 * A lock that readers share is one of these and a count of readers: a writer takes the lock and waits until the readers
 * have gone, and new readers wait for the lock meanwhile.
 */
#ifndef MODELS_LOCKS_CODE_LOCKS_H
#define MODELS_LOCKS_CODE_LOCKS_H

#include "code/code.h"
#include "models/locks/lock.h"

struct code_locks;

/* How a family accounts for one of its locks: called instead of spin_lock_irqsave and spin_unlock_irqrestore. */
struct code_lock_hooks {
    bool (*take)(struct cpu *cpu); /* turns interrupts off; returns whether they were on */
    void (*give)(struct cpu *cpu, bool was_on);
};

/* At boot, after code_boot. Sets code->locks. lock_count: at most so many are bound at boot. */
void code_locks_boot(struct code *code, struct lock_system *system, uint32_t lock_count);

/* Behind the lock object at `address` stands this lock, which the model takes, too. `hooks` may be NULL. */
void code_locks_bind(struct code *code, const void *address, struct lock *lock, const struct code_lock_hooks *hooks);

/* The lock behind an address; one of class "code lock" if there is none yet. */
struct lock *code_locks_find(struct code *code, const void *address);

/* The memory is freed: the locks in it are gone, and what stood behind them can stand behind others. */
void code_locks_forget(struct code *code, const void *memory, size_t bytes);

/* irqpath_lock and the others of abi/irqpath.h; ends with a NULL name. */
extern const struct code_import code_lock_imports[];

#endif
