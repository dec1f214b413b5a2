/* SPDX-License-Identifier: Apache-2.0
 *
 * MCS queue lock: every waiter spins on a line of its own, a release touches only the successor's. Never in Xen: the
 * counterfactual that removes the hand-off's growth with the number of waiters.
 * Source: Mellor-Crummey and Scott, ACM TOCS 9(1), 1991.
 */
#include "models/locks/lock.h"

static uint32_t node_take(struct cpu *cpu, struct lock_system *system)
{
    uint8_t *used = &system->nodes_used[cpu->id];

    CHECK(*used != UINT8_MAX);
    uint32_t index = (uint32_t)__builtin_ctz(~(uint32_t)*used);
    *used |= (uint8_t)(1u << index);
    return cpu->id * LOCK_DEPTH_MAX + index;
}

static void node_give(struct lock_system *system, uint32_t node)
{
    system->nodes_used[node / LOCK_DEPTH_MAX] &= (uint8_t) ~(1u << (node % LOCK_DEPTH_MAX));
}

static void mcs_acquire(struct cpu *cpu, struct lock *lock, bool irq_on_while_waiting)
{
    struct lock_system *system = lock->class->system;
    uint32_t self = node_take(cpu, system);
    struct mcs_node *node = &system->nodes[self];

    CHECK(irq_on_while_waiting == cpu->irq_on);
    word_store(cpu, &node->next, 0);
    word_store(cpu, &node->is_waiting, 1);
    uint64_t previous = word_xchg(cpu, &lock->word, self + 1);
    if (previous != 0) {
        word_store(cpu, &system->nodes[previous - 1].next, self + 1);
        word_wait(cpu, &node->is_waiting, 0);
    }
    lock->owner_node = self;
}

static bool mcs_try(struct cpu *cpu, struct lock *lock)
{
    struct lock_system *system = lock->class->system;
    uint32_t self = node_take(cpu, system);

    word_store(cpu, &system->nodes[self].next, 0);
    if (word_cas(cpu, &lock->word, 0, self + 1) != 0) {
        node_give(system, self);
        return false;
    }
    lock->owner_node = self;
    return true;
}

static void mcs_release(struct cpu *cpu, struct lock *lock)
{
    struct lock_system *system = lock->class->system;
    uint32_t self = lock->owner_node;
    struct mcs_node *node = &system->nodes[self];
    uint64_t next = word_load(cpu, &node->next);

    if (next == 0) {
        if (word_cas(cpu, &lock->word, self + 1, 0) == self + 1) {
            node_give(system, self);
            return;
        }
        /* A successor has the tail and is about to link itself. */
        while ((next = word_load(cpu, &node->next)) == 0)
            cpu_spend(cpu, cpu->costs->pause);
    }
    word_store(cpu, &system->nodes[next - 1].is_waiting, 0);
    node_give(system, self);
}

const struct lock_operations lock_mcs = {
    .name = "mcs",
    .summary = "MCS queue lock, one line a waiter; never in Xen; waits with interrupts off",
    .line_kind = LINE_PLAIN,
    .acquire = mcs_acquire,
    .try_acquire = mcs_try,
    .release = mcs_release,
};
