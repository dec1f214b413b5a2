/* SPDX-License-Identifier: Apache-2.0
 *
 * Sleeping mutexes, and how threads that wait for each other are found.
 */
#ifndef HOST_MUTEX_H
#define HOST_MUTEX_H

#include <stdbool.h>
#include <stdint.h>

#include "base/list.h"
#include "machine/property.h"
#include "machine/lines/word.h"
#include "models/host/host.h"
#include "models/host/thread.h"

struct lock_class;

/* A sleeping lock that knows its owner. Not recursive: taken again by its owner, or in a cycle of waiting threads, it
 * is a deadlock: a violation when explored; a timed run counts it and leaves the threads hanging. Whoever is woken
 * tries again, so that others may overtake. rank: a thread takes mutexes in ascending rank; 0: any order. */
struct mutex {
    struct host *host;
    struct lock_class *class;
    const char *name;
    uint32_t rank;
    struct line line;
    struct word word; /* owner's id + 1; 0: free */
    struct list waiters;
    struct thread *owner;
    const char *where; /* the owner's step that took it */
    cycles since;
    struct mutex *next_held;
};

void mutex_init(struct host *host, struct mutex *mutex, const char *name, uint32_t rank);

/* The step's name of the caller (machine/cpu.h) is kept for reports: mutex_lock(step(cpu, "B1"), ...). */
void mutex_lock(struct cpu *cpu, struct mutex *mutex);
void mutex_unlock(struct cpu *cpu, struct mutex *mutex);
static inline bool mutex_is_mine(const struct cpu *cpu, const struct mutex *mutex)
{
    return mutex->owner == thread_current(cpu);
}

/* At the end: threads that wait for a mutex for ever, thread by thread, lock by lock. For a family's invariants. */
extern const struct property host_deadlock;

#endif
