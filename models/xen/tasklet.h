/* SPDX-License-Identifier: Apache-2.0
 *
 * Softirq tasklets (tasklet.c).
 */
#ifndef MODELS_XEN_TASKLET_H
#define MODELS_XEN_TASKLET_H

#include <stdbool.h>
#include <stdint.h>

#include "base/list.h"
#include "models/xen/setup.h"

struct cpu;
struct xen_cpu;

struct tasklet {
    struct list link;     /* on a pCPU's softirq_tasklets; protected by tasklet_lock, as all below */
    int32_t scheduled_on; /* pCPU, or -1 */
    bool is_running;
    bool is_dead;                      /* killed: never scheduled again */
    bool enqueued_while_running_guest; /* a vCPU was current when it was scheduled: who pays for the takes */
    void (*function)(struct cpu *cpu, void *data);
    void *data;
    uint32_t owner; /* in traces: for whom */
};

/* What the versions of tasklet.c differ in; tasklet_lock is held. */
struct tasklet_operations {
    void (*link)(struct cpu *cpu, struct tasklet *tasklet);   /* it has been scheduled, */
    void (*relink)(struct cpu *cpu, struct tasklet *tasklet); /* while it ran, and now it has; this is its runner */
    void (*unlink)(struct cpu *cpu, struct tasklet *tasklet); /* tasklet_kill begins, */
    bool (*is_alive)(const struct tasklet *tasklet);          /* and goes on until it is not */
};

extern const struct tasklet_operations tasklet_2014;
const struct tasklet_operations *tasklet_operations_of(enum xen_history history);

/* For tables: at the end of its pCPU's list, with its softirq raised; link, unlink, is_alive of 2014. */
void tasklet_enqueue(struct cpu *cpu, struct tasklet *tasklet);
void tasklet_link(struct cpu *cpu, struct tasklet *tasklet);
void tasklet_unlink(struct cpu *cpu, struct tasklet *tasklet);
bool tasklet_is_running(const struct tasklet *tasklet);

void tasklet_init(struct tasklet *tasklet, void (*function)(struct cpu *, void *), void *data);
void tasklet_schedule(struct cpu *cpu, struct tasklet *tasklet);
void tasklet_softirq_action(struct cpu *cpu);
/* Off its list, and no more; waits while its function runs. */
void tasklet_kill(struct cpu *cpu, struct tasklet *tasklet);
/* What a dead pCPU has queued moves here. */
void tasklet_migrate(struct cpu *cpu, struct xen_cpu *dead);

#endif
