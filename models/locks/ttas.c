/* SPDX-License-Identifier: Apache-2.0
 *
 * Test-and-test-and-set on a word, as in Xen up to 4.5: unfair, without a queue; a release is a plain store. Source:
 * xen/common/spinlock.c, asm-x86/spinlock.h at f6dd295381^.
 */
#include "models/locks/lock.h"

enum { WORD_FREE = 0, WORD_TAKEN = 1 };

static void ttas_acquire(struct cpu *cpu, struct lock *lock, bool irq_on_while_waiting)
{
    bool was_on = cpu_irq_off(cpu);

    word_acquire(cpu, &lock->word, WORD_FREE, WORD_TAKEN, irq_on_while_waiting);
    cpu_irq_restore(cpu, was_on);
}

static bool ttas_try(struct cpu *cpu, struct lock *lock)
{
    return word_xchg(cpu, &lock->word, WORD_TAKEN) == WORD_FREE;
}

static void ttas_release(struct cpu *cpu, struct lock *lock) { word_store(cpu, &lock->word, WORD_FREE); }

static void native_acquire(struct native_lock *lock, struct native_node *node)
{
    (void)node;
    while (__atomic_exchange_n(&lock->word, WORD_TAKEN, __ATOMIC_ACQUIRE) != WORD_FREE)
        while (__atomic_load_n(&lock->word, __ATOMIC_RELAXED) != WORD_FREE)
            native_pause();
}

static void native_release(struct native_lock *lock, struct native_node *node)
{
    (void)node;
    __atomic_store_n(&lock->word, WORD_FREE, __ATOMIC_RELEASE);
}

const struct lock_operations lock_ttas = {
    .line_kind = LINE_CONTENDED,
    .is_interruptible_irq_wait = true,
    .acquire = ttas_acquire,
    .try_acquire = ttas_try,
    .release = ttas_release,
    .native_acquire = native_acquire,
    .native_release = native_release,
};
