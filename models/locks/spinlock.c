/* SPDX-License-Identifier: Apache-2.0
 *
 * Compare-and-swap and PAUSE until it succeeds: the simplest lock and the slowest under contention, because every
 * attempt takes the line exclusively, from the holder too. Xen never had it; it is one of the locks that LiTL measured
 * on real machines (ATC 2016; src/).
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

static void native_acquire(struct native_lock *lock, struct native_node *node)
{
    uint32_t expected = WORD_FREE;

    (void)node;
    while (
        !__atomic_compare_exchange_n(&lock->word, &expected, WORD_TAKEN, false, __ATOMIC_ACQUIRE, __ATOMIC_RELAXED)) {
        expected = WORD_FREE;
        native_pause();
    }
}

static void native_release(struct native_lock *lock, struct native_node *node)
{
    (void)node;
    __atomic_store_n(&lock->word, WORD_FREE, __ATOMIC_RELEASE);
}

const struct lock_operations lock_spinlock = {
    .line_kind = LINE_CONTENDED,
    .acquire = spinlock_acquire,
    .try_acquire = spinlock_try,
    .release = spinlock_release,
    .native_acquire = native_acquire,
    .native_release = native_release,
};
