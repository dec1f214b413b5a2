/* SPDX-License-Identifier: Apache-2.0
 *
 * Sleeping mutexes.
 */
#ifndef HOST_MUTEX_H
#define HOST_MUTEX_H

#include <stdbool.h>
#include <stdint.h>

#include "base/list.h"
#include "machine/lines/word.h"
#include "models/host/host.h"
#include "models/host/thread.h"

struct lock_class;

/* A sleeping lock with an owner. A recursive acquisition, or a cycle of waiting threads, is a deadlock: a violation
 * when explored; a timed run counts it and leaves the threads asleep. A woken waiter tries again, so that another
 * thread may overtake it. rank: a thread acquires mutexes in ascending rank; 0: in any order. */
struct mutex {
    struct host *host;
    struct lock_class *class;
    const char *name;
    uint32_t rank;
    struct line line;
    struct word word; /* the owner's id + 1; 0: free */
    struct list waiters;
    struct thread *owner;
    const char *where; /* the step in which the owner acquired it */
    cycles since;
    struct mutex *next_held;
};

void mutex_init(struct host *host, struct mutex *mutex, const char *name, uint32_t rank);

/* Acquires the mutex; keeps the name of the caller's step (machine/cpu.h) for reports: mutex_lock(step(cpu, "B1"),
 * ...). */
void mutex_lock(struct cpu *cpu, struct mutex *mutex);
void mutex_unlock(struct cpu *cpu, struct mutex *mutex);
static inline bool mutex_is_mine(const struct cpu *cpu, const struct mutex *mutex)
{
    return mutex->owner == thread_current(cpu);
}

#endif
