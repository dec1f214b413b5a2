/* SPDX-License-Identifier: Apache-2.0
 *
 * Compare-and-swap and PAUSE until it succeeds: the simplest lock, and the worst, since every attempt takes the line,
 * from the holder too. Never in Xen: one of those that LiTL measured on real machines (ATC 2016; src/).
 */
#include "models/locks/lock.h"

enum { WORD_FREE = 0, WORD_TAKEN = 1 };

static void spinlock_acquire(struct cpu *cpu, struct lock *lock, bool irq_on_while_waiting)
{
    bool was_on = cpu_irq_off(cpu);

    word_acquire_by_cas(cpu, &lock->word, WORD_FREE, WORD_TAKEN, irq_on_while_waiting);
    cpu_irq_restore(cpu, was_on);
}

static bool spinlock_try(struct cpu *cpu, struct lock *lock)
{
    return word_cas(cpu, &lock->word, WORD_FREE, WORD_TAKEN) == WORD_FREE;
}

static void spinlock_release(struct cpu *cpu, struct lock *lock) { word_store(cpu, &lock->word, WORD_FREE); }

const struct lock_operations lock_spinlock = {
    .name = "spinlock",
    .summary = "compare-and-swap until it succeeds, unfair; never in Xen; waits with interrupts off",
    .line_kind = LINE_CONTENDED,
    .acquire = spinlock_acquire,
    .try_acquire = spinlock_try,
    .release = spinlock_release,
};
