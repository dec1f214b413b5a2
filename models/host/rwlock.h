/* SPDX-License-Identifier: Apache-2.0
 *
 * The kernel's rwlock_t; waiting spins.
 */
#ifndef HOST_RWLOCK_H
#define HOST_RWLOCK_H

#include <stdbool.h>

#include "machine/lines/word.h"

struct cpu;
struct host;

struct rwlock {
    struct line line;
    struct word word; /* readers; RWLOCK_WRITER */
};

void rwlock_init(struct host *host, struct rwlock *lock, const char *name);
/* Interrupts off while it is held; return whether they were on. */
bool read_lock_irqsave(struct cpu *cpu, struct rwlock *lock);
void read_unlock_irqrestore(struct cpu *cpu, struct rwlock *lock, bool was_on);
bool write_lock_irqsave(struct cpu *cpu, struct rwlock *lock);
void write_unlock_irqrestore(struct cpu *cpu, struct rwlock *lock, bool was_on);

#endif
