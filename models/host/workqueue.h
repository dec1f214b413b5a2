/* SPDX-License-Identifier: Apache-2.0
 *
 * Work queues of the kernel.
 */
#ifndef HOST_WORKQUEUE_H
#define HOST_WORKQUEUE_H

#include <stdbool.h>
#include <stdint.h>

#include "base/list.h"
#include "machine/lines/word.h"
#include "models/host/thread.h"

struct host;

struct work {
    void (*function)(struct cpu *cpu, struct work *work);
    void *context;
    struct line line;
    struct word pending;
    struct list link;
    bool is_running;
    struct thread *flusher; /* thread that waits until it is done */
};

struct workqueue {
    struct thread thread; /* the worker */
    struct list items;
};

void workqueue_init(struct host *host, struct workqueue *queue, const char *name, uint32_t cpu);

/* Creates the kernel's work queue of a CPU, for work that runs on the CPU that queues it. At boot; further calls for
 * the same CPU do nothing. */
void worker_boot(struct host *host, uint32_t cpu);
struct workqueue *worker_of(const struct cpu *cpu);

void work_init(struct host *host, struct work *work, void (*function)(struct cpu *cpu, struct work *work),
               void *context);
/* Queues the item; returns false if it was queued already. From any context. */
bool work_queue(struct cpu *cpu, struct workqueue *queue, struct work *work);
/* Waits until the item is neither queued nor running. One thread at a time, and not from the item's worker. */
void work_flush(struct cpu *cpu, struct work *work);

#endif
