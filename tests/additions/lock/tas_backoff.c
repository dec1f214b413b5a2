/* SPDX-License-Identifier: Apache-2.0
 *
 * Test-and-set with exponential backoff: a CPU that finds the lock held does not touch the line for a delay that
 * doubles with each attempt. Xen never had it. The delays are assumed. In an exploration a delay has no length: the CPU
 * waits until the lock is free. Source: Anderson, IEEE Transactions on Parallel and Distributed Systems 1(1), 1990,
 * section III.
 */
#include "models/locks/lock.h"

enum { WORD_FREE = 0, WORD_TAKEN = 1 };
enum { DELAY_FIRST_CYCLES = 64, DELAY_MAX_CYCLES = 8192 };
enum { NATIVE_PAUSES_FIRST = 2, NATIVE_PAUSES_MAX = 256 };

static void attempt_after_delays(struct cpu *cpu, struct lock *lock, bool irq_on_while_waiting)
{
    enum cpu_category category = cpu_category_set(cpu, CPU_LOCK_WAIT);
    cycles delay = DELAY_FIRST_CYCLES;

    do {
        cpu_irq_restore(cpu, irq_on_while_waiting);
        cpu_spend(cpu, delay);
        cpu_irq_off(cpu);
        delay = delay < DELAY_MAX_CYCLES ? 2 * delay : delay;
    } while (word_xchg(cpu, &lock->word, WORD_TAKEN) != WORD_FREE);
    cpu_category_set(cpu, category);
}

static void backoff_acquire(struct cpu *cpu, struct lock *lock, bool irq_on_while_waiting)
{
    bool was_on = cpu_irq_off(cpu);

    if (cpu_is_explored(cpu))
        word_acquire(cpu, &lock->word, WORD_FREE, WORD_TAKEN, irq_on_while_waiting);
    else if (word_xchg(cpu, &lock->word, WORD_TAKEN) != WORD_FREE)
        attempt_after_delays(cpu, lock, irq_on_while_waiting);
    cpu_irq_restore(cpu, was_on);
}

static bool backoff_try(struct cpu *cpu, struct lock *lock)
{
    return word_xchg(cpu, &lock->word, WORD_TAKEN) == WORD_FREE;
}

static void backoff_release(struct cpu *cpu, struct lock *lock) { word_store(cpu, &lock->word, WORD_FREE); }

static void native_acquire(struct native_lock *lock, struct native_node *node)
{
    uint32_t pauses = NATIVE_PAUSES_FIRST;

    (void)node;
    while (__atomic_exchange_n(&lock->word, WORD_TAKEN, __ATOMIC_ACQUIRE) != WORD_FREE) {
        for (uint32_t i = 0; i < pauses; i++)
            native_pause();
        pauses = pauses < NATIVE_PAUSES_MAX ? 2 * pauses : pauses;
    }
}

static void native_release(struct native_lock *lock, struct native_node *node)
{
    (void)node;
    __atomic_store_n(&lock->word, WORD_FREE, __ATOMIC_RELEASE);
}

const struct lock_operations lock_tas_backoff = {
    .line_kind = LINE_CONTENDED,
    .acquire = backoff_acquire,
    .try_acquire = backoff_try,
    .release = backoff_release,
    .native_acquire = native_acquire,
    .native_release = native_release,
};
