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
    struct thread *flusher; /* wants to know when it is done */
};

struct workqueue {
    struct thread thread; /* its one worker */
    struct list items;
};

void workqueue_init(struct host *host, struct workqueue *queue, const char *name, uint32_t cpu);

/* The kernel's own queue of a CPU, for work that is queued where it comes up. At boot, as often as it is needed. */
void worker_boot(struct host *host, uint32_t cpu);
struct workqueue *worker_of(const struct cpu *cpu);

void work_init(struct host *host, struct work *work, void (*function)(struct cpu *cpu, struct work *work),
               void *context);
/* False: it is queued already. From any context. */
bool work_queue(struct cpu *cpu, struct workqueue *queue, struct work *work);
/* Until the item neither is queued nor runs; one thread at a time. Not from a worker. */
void work_flush(struct cpu *cpu, struct work *work);

#endif
