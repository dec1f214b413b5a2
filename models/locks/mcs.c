/* SPDX-License-Identifier: Apache-2.0
 *
 * MCS queue lock: every waiter polls a line of its own, and a release touches only the successor's line. Xen never had
 * it; it shows what remains when the cost of a hand-over does not grow with the number of waiters. Source:
 * Mellor-Crummey and Scott, ACM TOCS 9(1), 1991.
 */
#include "models/locks/lock.h"

/* One entry in the queue of a lock; each CPU has LOCK_DEPTH_MAX entries. */
struct mcs_node {
    struct line line;
    struct word is_waiting;
    struct word next; /* index + 1 of the successor's node; 0: none */
};

struct mcs_nodes {
    struct mcs_node *nodes; /* [cpu_count * LOCK_DEPTH_MAX] */
    uint8_t *used;          /* one bit set for each CPU */
};

static void mcs_prepare(struct lock_system *system)
{
    struct machine *machine = system->machine;
    struct mcs_nodes *own = ARENA_NEW(machine->arena, struct mcs_nodes);

    own->nodes = ARENA_ARRAY(machine->arena, struct mcs_node, machine->cpu_count * LOCK_DEPTH_MAX);
    own->used = ARENA_ARRAY(machine->arena, uint8_t, machine->cpu_count);
    for (uint32_t i = 0; i < machine->cpu_count * LOCK_DEPTH_MAX; i++) {
        struct mcs_node *node = &own->nodes[i];
        line_init(machine, &node->line, LINE_WAITED);
        word_init(&node->is_waiting, &node->line, 0);
        word_init(&node->next, &node->line, 0);
    }
    system->shared = own;
}

static struct mcs_nodes *nodes_of(const struct lock *lock) { return lock->class->system->shared; }

static uint32_t node_take(const struct cpu *cpu, struct mcs_nodes *own)
{
    uint8_t *used = &own->used[cpu->id];

    CHECK(*used != UINT8_MAX);
    uint32_t index = (uint32_t)__builtin_ctz(~(uint32_t)*used);
    *used |= (uint8_t)(1u << index);
    return cpu->id * LOCK_DEPTH_MAX + index;
}

static void node_give(struct mcs_nodes *own, uint32_t node)
{
    own->used[node / LOCK_DEPTH_MAX] &= (uint8_t) ~(1u << (node % LOCK_DEPTH_MAX));
}

static void mcs_acquire(struct cpu *cpu, struct lock *lock, bool irq_on_while_waiting)
{
    struct mcs_nodes *own = nodes_of(lock);
    uint32_t self = node_take(cpu, own);
    struct mcs_node *node = &own->nodes[self];

    CHECK(irq_on_while_waiting == cpu->irq_on);
    word_store(cpu, &node->next, 0);
    word_store(cpu, &node->is_waiting, 1);
    uint64_t previous = word_xchg(cpu, &lock->word, self + 1);
    if (previous != 0) {
        word_store(cpu, &own->nodes[previous - 1].next, self + 1);
        word_wait(cpu, &node->is_waiting, 0);
    }
    lock->owner_node = self;
}

static bool mcs_try(struct cpu *cpu, struct lock *lock)
{
    struct mcs_nodes *own = nodes_of(lock);
    uint32_t self = node_take(cpu, own);

    word_store(cpu, &own->nodes[self].next, 0);
    if (word_cas(cpu, &lock->word, 0, self + 1) != 0) {
        node_give(own, self);
        return false;
    }
    lock->owner_node = self;
    return true;
}

static void mcs_release(struct cpu *cpu, struct lock *lock)
{
    struct mcs_nodes *own = nodes_of(lock);
    uint32_t self = lock->owner_node;
    struct mcs_node *node = &own->nodes[self];
    uint64_t next = word_load(cpu, &node->next);

    if (next == 0) {
        if (word_cas(cpu, &lock->word, self + 1, 0) == self + 1) {
            node_give(own, self);
            return;
        }
        /* A successor has swapped the tail and has not linked its node yet. */
        while ((next = word_load(cpu, &node->next)) == 0)
            cpu_spend(cpu, cpu->costs->pause);
    }
    word_store(cpu, &own->nodes[next - 1].is_waiting, 0);
    node_give(own, self);
}

static void native_acquire(struct native_lock *lock, struct native_node *node)
{
    node->next = NULL;
    node->is_waiting = 1;
    struct native_node *previous = __atomic_exchange_n(&lock->last, node, __ATOMIC_ACQ_REL);
    if (previous == NULL)
        return;
    __atomic_store_n(&previous->next, node, __ATOMIC_RELEASE);
    while (__atomic_load_n(&node->is_waiting, __ATOMIC_ACQUIRE) != 0)
        native_pause();
}

static void native_release(struct native_lock *lock, struct native_node *node)
{
    struct native_node *expected = node, *next = __atomic_load_n(&node->next, __ATOMIC_ACQUIRE);

    if (next == NULL) {
        if (__atomic_compare_exchange_n(&lock->last, &expected, NULL, false, __ATOMIC_ACQ_REL, __ATOMIC_RELAXED))
            return;
        while ((next = __atomic_load_n(&node->next, __ATOMIC_ACQUIRE)) == NULL)
            native_pause();
    }
    __atomic_store_n(&next->is_waiting, 0, __ATOMIC_RELEASE);
}

const struct lock_operations lock_mcs = {
    .line_kind = LINE_PLAIN,
    .is_fair = true,
    .prepare = mcs_prepare,
    .acquire = mcs_acquire,
    .try_acquire = mcs_try,
    .release = mcs_release,
    .native_acquire = native_acquire,
    .native_release = native_release,
};
