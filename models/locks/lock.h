/* SPDX-License-Identifier: Apache-2.0
 *
 * Spinlocks as a hypervisor uses them. The scenario selects one kind for all of them (list.h); the functions are Xen's.
 *
 * Interrupts while waiting: with ttas (Xen up to 4.5) the _irq functions restore the caller's interrupt state, so that
 * a wait that began with interrupts enabled can be interrupted; ticket (Xen from 4.6) and the kinds that Xen never had
 * wait with interrupts disabled. spin_lock leaves the interrupt state as it is. Source: xen/common/spinlock.c at
 * f6dd295381^ and at e10784ac42.
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

/* The implementation and properties of a kind of lock. */
struct lock_operations {
    enum line_kind line_kind;
    bool is_interruptible_irq_wait; /* _irq variants wait with the caller's interrupt state */
    bool is_fair;                   /* first come, first served */

    /* Allocates the data that all locks of a run share (system->shared). NULL: none. */
    void (*prepare)(struct lock_system *system);

    /* Returns when this CPU holds the lock. irq_on_while_waiting: interrupts are enabled during the wait. A CPU whose
     * first attempt fails waits in CPU_LOCK_WAIT. */
    void (*acquire)(struct cpu *cpu, struct lock *lock, bool irq_on_while_waiting);
    bool (*try_acquire)(struct cpu *cpu, struct lock *lock);
    void (*release)(struct cpu *cpu, struct lock *lock);

    /* The same algorithm on the memory of the host; `node` belongs to the calling thread. */
    void (*native_acquire)(struct native_lock *lock, struct native_node *node);
    void (*native_release)(struct native_lock *lock, struct native_node *node);
};

/* The locks of a run. */
struct lock_system {
    const struct lock_operations *operations;
    struct machine *machine;
    void *shared;               /* data of the kind, set by `prepare`; or NULL */
    struct lock_class *classes; /* in order of creation */
};

struct lock_statistics {
    uint64_t acquisitions;
    uint64_t tried;     /* acquisitions by spin_trylock and spin_probe_each, which never wait */
    uint64_t contended; /* acquisitions whose first attempt failed */
    uint64_t waiters_max; /* maximum number of CPUs that waited at a time, on all locks of the class */
    cycles wait_cycles, contended_cycles, hold_cycles;
    cycles elapsed_cycles; /* sum over all locks of the class; set when it is reported */
};

/* Locks that are reported together: all event_locks, all schedule_locks, ... */
struct lock_class {
    const char *name;
    struct lock_system *system;
    struct lock_class *next;
    bool is_tried; /* spin_trylock is used on these locks, so that other CPUs can observe a held lock */
    uint64_t locks;
    uint64_t waiting; /* CPUs that are waiting, on all locks of the class */
    struct lock_statistics statistics;
    struct { /* since boot: the integral of `waiting` must equal the sum of the waits */
        cycles since, area, waits;
        uint64_t started; /* sum of the starts of the waits under way */
    } little;
    struct { /* locks that are held, and the sum of the times from which they have been in the measured time */
        uint64_t count, since;
    } held;
    cycles measured_from;
    struct histogram *wait, *hold; /* in cycles, one sample for each acquisition that is not tried, each release */
};

/* What spin_probe_each reads and writes of a lock is in its first 40 bytes. */
struct lock {
    uint32_t holder;     /* CPU, for checks; UINT32_MAX: free */
    uint32_t owner_node; /* mcs: the holder's node, protected by the lock itself */
    struct line line;
    struct word word; /* ttas: LOCK_FREE or taken; ticket: now serving; mcs: tail node + 1 */
    struct word tail; /* ticket: next ticket */
    struct lock_class *class;
    cycles since;      /* time of acquisition */
    uint32_t trace_id; /* number in traces */
};

/* kind: index into lock_kinds. Everything lies in the machine's arena. */
struct lock_system *lock_system_new(struct machine *machine, uint32_t kind);
struct lock_class *lock_class_new(struct lock_system *system, const char *name);
/* The class with this name; a new one if there is none. */
struct lock_class *lock_class_named(struct lock_system *system, const char *name);
void lock_init(struct lock *lock, struct lock_class *class);

void spin_lock(struct cpu *cpu, struct lock *lock);
void spin_unlock(struct cpu *cpu, struct lock *lock);

/* Disables interrupts, acquires the lock, and returns whether interrupts were enabled before. */
bool spin_lock_irqsave(struct cpu *cpu, struct lock *lock);
void spin_unlock_irqrestore(struct cpu *cpu, struct lock *lock, bool was_on);

/* Acquires the lock if it is free; returns whether it did. Interrupts must be disabled. */
bool spin_trylock(struct cpu *cpu, struct lock *lock);

/* Acquires and releases locks of one class, whose lines are given, one after the other (claim.h). All must be
 * spin_is_probeable. Returns how many it acquired, and spends the cycles of these acquisitions. A CPU that requests one
 * of the locks in that time gets it afterwards, instead of finding it held. Interrupts must be disabled and the clock
 * settled. */
#define SPIN_PROBES_MAX (1 + CLAIMS_MAX)
uint32_t spin_probe_each(struct cpu *cpu, struct lock_class *class, struct line *const *lines, uint32_t count);

/* Whether the lock is free, and no CPU polls it. */
static inline bool spin_is_probeable(const struct lock *lock)
{
    return lock->holder == UINT32_MAX && !lock->line.is_contended;
}

/* Statistics of locks that are implemented elsewhere and reported as a class (models/host/mutex.c): the request, the
 * acquisition, before which the first attempt may have failed, and the release. */
void lock_wait_begin(struct lock_class *class, cycles now);
void lock_wait_end(struct lock_class *class, cycles from, cycles now, bool is_contended);
void lock_hold_begin(struct lock_class *class, cycles now);
void lock_hold_end(struct lock_class *class, cycles since, cycles now);

static inline bool lock_is_held_by(const struct lock *lock, const struct cpu *cpu) { return lock->holder == cpu->id; }

void lock_measure(struct lock_system *system, cycles now);
/* Reports lock_metric_table for each class and CHECKs Little's law. */
void locks_report(struct lock_system *system, struct metrics *metrics, cycles measured_from);

extern const struct metric_table lock_metric_table;

#endif
