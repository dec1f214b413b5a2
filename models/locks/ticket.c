/* SPDX-License-Identifier: Apache-2.0
 *
 * Ticket lock, as in Xen from 4.6: FIFO, one locked operation for each acquisition, head and tail on one line, so that
 * a new waiter takes the line from all other waiters. Source: xen/common/spinlock.c at e10784ac42.
 */
#include "models/locks/lock.h"

static void ticket_acquire(struct cpu *cpu, struct lock *lock, bool irq_on_while_waiting)
{
    CHECK(irq_on_while_waiting == cpu->irq_on);
    uint64_t ticket = word_fetch_add(cpu, &lock->tail, 1);
    word_wait(cpu, &lock->word, ticket);
}

/* Xen compares and exchanges head and tail as one word; here the tail advances only while it equals the head. */
static bool ticket_try(struct cpu *cpu, struct lock *lock)
{
    uint64_t serving = word_load(cpu, &lock->word);

    return word_cas(cpu, &lock->tail, serving, serving + 1) == serving;
}

static void ticket_release(struct cpu *cpu, struct lock *lock) { word_add_own(cpu, &lock->word, 1); }

static void native_acquire(struct native_lock *lock, struct native_node *node)
{
    uint32_t ticket = __atomic_fetch_add(&lock->tail, 1, __ATOMIC_RELAXED);

    (void)node;
    while (__atomic_load_n(&lock->word, __ATOMIC_ACQUIRE) != ticket)
        native_pause();
}

static void native_release(struct native_lock *lock, struct native_node *node)
{
    (void)node;
    __atomic_store_n(&lock->word, lock->word + 1, __ATOMIC_RELEASE);
}

const struct lock_operations lock_ticket = {
    .line_kind = LINE_WAITED,
    .is_fair = true,
    .acquire = ticket_acquire,
    .try_acquire = ticket_try,
    .release = ticket_release,
    .native_acquire = native_acquire,
    .native_release = native_release,
};
