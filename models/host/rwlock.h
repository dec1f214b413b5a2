/* SPDX-License-Identifier: Apache-2.0
 *
 * The kernel's rwlock_t; waiters spin.
 */
#ifndef HOST_RWLOCK_H
#define HOST_RWLOCK_H

#include <stdbool.h>

#include "machine/lines/word.h"

struct cpu;
struct host;

struct rwlock {
    struct line line;
    struct word word; /* number of readers, or RWLOCK_WRITER */
};

void rwlock_init(struct host *host, struct rwlock *lock, const char *name);
/* Disable interrupts, acquire the lock, and return whether interrupts were enabled before. */
bool read_lock_irqsave(struct cpu *cpu, struct rwlock *lock);
void read_unlock_irqrestore(struct cpu *cpu, struct rwlock *lock, bool was_on);
bool write_lock_irqsave(struct cpu *cpu, struct rwlock *lock);
void write_unlock_irqrestore(struct cpu *cpu, struct rwlock *lock, bool was_on);

#endif
