/* SPDX-License-Identifier: Apache-2.0
 *
 * Ticket lock, as Xen has it since 4.6: FIFO, one locked operation an acquisition, head and tail on one line, so that
 * an arrival takes the line from all who wait. Source: xen/common/spinlock.c at e10784ac42.
 */
#include "models/locks/lock.h"

static void ticket_acquire(struct cpu *cpu, struct lock *lock, bool irq_on_while_waiting)
{
    CHECK(irq_on_while_waiting == cpu->irq_on);
    uint64_t ticket = word_fetch_add(cpu, &lock->tail, 1);
    word_wait(cpu, &lock->word, ticket);
}

/* The real one compares and exchanges head and tail as one word; here the tail is taken only while it equals the head.
 */
static bool ticket_try(struct cpu *cpu, struct lock *lock)
{
    uint64_t serving = word_load(cpu, &lock->word);

    return word_cas(cpu, &lock->tail, serving, serving + 1) == serving;
}

static void ticket_release(struct cpu *cpu, struct lock *lock)
{
    word_store(cpu, &lock->word, word_peek(&lock->word) + 1);
}

const struct lock_operations lock_ticket = {
    .name = "ticket",
    .summary = "FIFO ticket lock; Xen 4.6; waits with interrupts off",
    .line_kind = LINE_WAITED,
    .acquire = ticket_acquire,
    .try_acquire = ticket_try,
    .release = ticket_release,
};
