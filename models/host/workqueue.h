/* SPDX-License-Identifier: Apache-2.0
 *
 * Work queues of the kernel: the worker pool of a CPU, and ordered queues.
 */
#ifndef HOST_WORKQUEUE_H
#define HOST_WORKQUEUE_H

#include <stdbool.h>
#include <stdint.h>

#include "base/list.h"
#include "machine/lines/word.h"

struct host;
struct thread;
struct worker;
struct workqueue;

/* An element of a queue or of a worker's own list: a work item, or the barrier of a thread that flushes one. A worker
 * takes an element together with those that are linked behind it. */
struct work_entry {
    struct list link;
    struct work *work;        /* NULL: a barrier */
    struct thread *flusher;   /* of a barrier */
    struct workqueue *queue;  /* NULL while it is in no list */
    struct worker *scheduled; /* whose own list it is in; NULL: in the queue */
    bool is_linked;           /* the next element stays behind it */
};

/* An item belongs to one queue, or to the pools of all CPUs. */
struct work {
    void (*function)(struct cpu *cpu, struct work *work);
    void *context;
    struct line line;
    struct word pending; /* 1 from queueing until it begins to run, and while it is cancelled */
    struct work_entry entry;
    struct worker *executes; /* which runs it now; NULL: none */
    struct thread *canceller;
    struct list cancellers; /* further threads that want to cancel it */
};

/* The worker pool of a CPU, or an ordered queue with a pool of its own. */
struct workqueue {
    struct list items;
    struct worker *workers;
    uint32_t worker_count;
    uint32_t running; /* workers that run items and do not sleep */
    bool is_ordered;
};

/* Creates an ordered queue: one worker runs its items one after the other even if one sleeps. It stays on the CPU
 * given, as all threads here do. */
void workqueue_init(struct host *host, struct workqueue *queue, const char *name, uint32_t cpu);

/* Whether all its workers sleep: idle, or in an item. */
bool workqueue_is_asleep(const struct workqueue *queue);

/* Creates the pool of a CPU, for work that runs on the CPU that queues it. At boot; further calls for the same CPU do
 * nothing. While a worker sleeps in an item, another one runs the next item; `workers` (1 or more) is at least one more
 * than the number of items that may sleep at a time, or 1 if none does. A pool that needs more fails a CHECK. */
void worker_boot(struct host *host, uint32_t cpu, uint32_t workers);
struct workqueue *worker_of(const struct cpu *cpu);

void work_init(struct host *host, struct work *work, void (*function)(struct cpu *cpu, struct work *work),
               void *context);
/* Queues the item; returns false if it was queued already, or is being cancelled. An item that runs is queued where it
 * runs, whatever `queue` is, and runs again after that. From any context. */
bool work_queue(struct cpu *cpu, struct workqueue *queue, struct work *work);

/* Waits until the item has run, as often as it was queued when this was called. Returns false if it was neither queued
 * nor running; as under Linux that includes an item that another CPU has marked as pending and is about to queue. From
 * any thread; an item that flushes itself is a deadlock. */
bool work_flush(struct cpu *cpu, struct work *work);

/* Waits until all items that were queued on the ordered queue when this was called have run. From any thread; an item
 * of the queue itself that does so is a deadlock. */
void workqueue_flush(struct cpu *cpu, struct workqueue *queue);

/* Takes the item out of its queue, and waits until it no longer runs; meanwhile nobody can queue it. Returns whether it
 * was queued. From any thread; an item that cancels itself is a deadlock. */
bool work_cancel_sync(struct cpu *cpu, struct work *work);

/* --- for the scheduler and the report of deadlocks --- */

/* The current thread, a worker, is about to sleep, or runs again. */
void worker_sleeping(struct cpu *cpu, struct worker *worker);
void worker_running(struct worker *worker);

/* Whether it is a worker of a CPU's pool; gives its number there. */
bool worker_of_pool(const struct worker *worker, uint32_t *number);

/* The thread that must run the flusher's barrier; NULL when any worker of a pool may. */
const struct thread *work_barrier_runner(const struct thread *flusher);

#endif
