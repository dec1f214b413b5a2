/* SPDX-License-Identifier: Apache-2.0
 *
 * Spinlocks as a hypervisor uses them. The kind is the scenario's; the calls are Xen's.
 *
 * While waiting: with ttas (Xen until 4.5) the _irq calls restore the caller's interrupt state, so that a wait that
 * began with interrupts on is interruptible; ticket (4.6), mcs and spinlock wait with them off. Plain spin_lock leaves
 * them as they are. Source: xen/common/spinlock.c at f6dd295381^ and at e10784ac42.
 */
#ifndef MODELS_LOCKS_LOCK_H
#define MODELS_LOCKS_LOCK_H

#include <stdbool.h>
#include <stdint.h>

#include "base/histogram.h"
#include "base/metric.h"
#include "machine/lines/claim.h"
#include "machine/cpu.h"
#include "machine/lines/word.h"
#include "models/family/setup.h"

#define LOCK_DEPTH_MAX 8 /* locks one pCPU may hold or wait for at once, nested interrupts included */

struct lock;
struct lock_class;

struct lock_operations {
    const char *name;
    const char *summary;
    enum line_kind line_kind;
    bool is_interruptible_irq_wait; /* _irq variants wait with the caller's interrupt state */
    void (*acquire)(struct cpu *cpu, struct lock *lock, bool irq_on_while_waiting);
    bool (*try_acquire)(struct cpu *cpu, struct lock *lock);
    void (*release)(struct cpu *cpu, struct lock *lock);
};

/* One queue node of an MCS lock; a CPU has LOCK_DEPTH_MAX of them. */
struct mcs_node {
    struct line line;
    struct word is_waiting;
    struct word next; /* CPU's node index + 1 of the successor; 0 = none */
};

/* What all locks of a run share. */
struct lock_system {
    const struct lock_operations *operations;
    struct machine *machine;
    struct mcs_node *nodes;     /* [cpu_count * LOCK_DEPTH_MAX]; NULL unless mcs */
    uint8_t *nodes_used;        /* bit set per CPU */
    struct lock_class *classes; /* in order of creation, for metrics */
};

struct lock_statistics {
    uint64_t acquisitions, contended;
    uint64_t waiters_max; /* the most CPUs that waited at a time, on all locks of the class */
    cycles wait_cycles, hold_cycles;
    cycles elapsed_cycles; /* of all locks of the class together; known when it is reported */
};

/* Locks that are one in the report: all event_locks, all schedule_locks, ... */
struct lock_class {
    const char *name;
    struct lock_system *system;
    struct lock_class *next;
    bool is_tried; /* with spin_trylock, which sees when it is held */
    uint64_t locks;
    uint64_t waiting; /* CPUs that wait now, on all locks of the class */
    struct lock_statistics statistics;
    struct { /* since boot: the integral of `waiting` must equal the sum of the waits */
        cycles since, area, waits;
        uint64_t started; /* sum of the starts of the waits under way */
    } little;
    struct histogram *wait, *hold; /* cycles; one acquisition each */
};

struct lock {
    struct lock_class *class;
    struct line line;
    struct word word;    /* ttas: LOCK_FREE or not; ticket: now serving; mcs: tail node + 1 */
    struct word tail;    /* ticket: next to hand out */
    uint32_t owner_node; /* mcs: the holder's node; protected by the lock itself */
    uint32_t holder;     /* CPU, for checks; UINT32_MAX = free */
    uint32_t trace_id;   /* in traces */
    cycles since;        /* acquired at */
};

struct lock_system *lock_system_new(struct machine *machine, enum lock_kind kind);
struct lock_class *lock_class_new(struct lock_system *system, const char *name);
void lock_init(struct lock *lock, struct lock_class *class);

void spin_lock(struct cpu *cpu, struct lock *lock);
void spin_unlock(struct cpu *cpu, struct lock *lock);

/* Returns whether interrupts were on; they are off while the lock is held. */
bool spin_lock_irqsave(struct cpu *cpu, struct lock *lock);
void spin_unlock_irqrestore(struct cpu *cpu, struct lock *lock, bool was_on);

/* Interrupts must be off. */
bool spin_trylock(struct cpu *cpu, struct lock *lock);

/* Interrupts must be off, and the clock caught up: takes each lock, finds nothing to do and gives it back, one after
 * the other (claim.h), all of one class. Returns how many; it ends before one that is not free. Costs what that costs;
 * a CPU that asks for a lock in those cycles gets it after them instead of being refused. */
#define SPIN_PROBES_MAX (1 + CLAIMS_MAX)
uint32_t spin_probe_each(struct cpu *cpu, struct lock *const *locks, uint32_t count);

/* The statistics of a lock of another kind that counts among these (models/host/mutex.c): a wait begins; ends with the
 * lock taken; the lock is given back. */
void lock_wait_begin(struct lock_class *class, cycles now, bool is_contended);
void lock_wait_end(struct lock_class *class, cycles from, cycles now);
void lock_hold_end(struct lock_class *class, cycles since, cycles now);

static inline bool lock_is_held_by(const struct lock *lock, const struct cpu *cpu) { return lock->holder == cpu->id; }

void lock_measure(struct lock_system *system, cycles now);
/* lock_metric_table of each class; CHECKs Little's law. */
void locks_report(struct lock_system *system, struct metrics *metrics, cycles measured_from);

extern const struct metric_table lock_metric_table;

extern const struct lock_operations lock_ttas, lock_ticket, lock_mcs, lock_spinlock;
const struct lock_operations *lock_operations_of(enum lock_kind kind);

#endif
