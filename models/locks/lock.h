/* SPDX-License-Identifier: Apache-2.0
 *
 * Spinlocks as a hypervisor uses them. The kind is the scenario's, one of list.h; the calls are Xen's.
 *
 * While waiting: with ttas (Xen until 4.5) the _irq calls restore the caller's interrupt state, so that a wait that
 * began with interrupts on is interruptible; ticket (4.6) and those that Xen never had wait with them off. Plain
 * spin_lock leaves them as they are. Source: xen/common/spinlock.c at f6dd295381^ and at e10784ac42.
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
#include "models/locks/list.h"
#include "models/locks/native.h"

#define LOCK_DEPTH_MAX 8 /* locks one pCPU may hold or wait for at once, nested interrupts included */

struct lock;
struct lock_class;
struct lock_system;

/* What a kind of lock is. */
struct lock_operations {
    enum line_kind line_kind;
    bool is_interruptible_irq_wait; /* _irq variants wait with the caller's interrupt state */
    bool is_fair;                   /* first come, first served */

    /* Allocates what all locks of a run share (system->shared); NULL: nothing. */
    void (*prepare)(struct lock_system *system);

    /* Interrupts are as irq_on_while_waiting says, unless the wait is interruptible and they are off. */
    void (*acquire)(struct cpu *cpu, struct lock *lock, bool irq_on_while_waiting);
    bool (*try_acquire)(struct cpu *cpu, struct lock *lock);
    void (*release)(struct cpu *cpu, struct lock *lock);

    /* Its twin on real memory; `node` is the thread's. */
    void (*native_acquire)(struct native_lock *lock, struct native_node *node);
    void (*native_release)(struct native_lock *lock, struct native_node *node);
};

/* What all locks of a run share. */
struct lock_system {
    const struct lock_operations *operations;
    struct machine *machine;
    void *shared;               /* the kind's own; NULL unless it prepares it */
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

/* `kind`: index into lock_kinds. */
struct lock_system *lock_system_new(struct machine *machine, uint32_t kind);
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

#endif
