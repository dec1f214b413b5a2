/* SPDX-License-Identifier: Apache-2.0
 *
 * Softirq tasklets (tasklet.c).
 */
#ifndef MODELS_XEN_TASKLET_H
#define MODELS_XEN_TASKLET_H

#include <stdbool.h>
#include <stdint.h>

#include "base/list.h"

struct cpu;
struct xen_cpu;

struct tasklet {
    struct list link;     /* on a pCPU's softirq_tasklets; protected by tasklet_lock, as all below */
    int32_t scheduled_on; /* pCPU, or -1 */
    bool is_running;
    bool is_dead;                      /* killed: never scheduled again */
    bool enqueued_while_running_guest; /* a vCPU was current when it was scheduled: who pays for the takes (U1) */
    void (*function)(struct cpu *cpu, void *data);
    void *data;
    uint32_t owner; /* in traces: for whom */
};

void tasklet_init(struct tasklet *tasklet, void (*function)(struct cpu *, void *), void *data);
void tasklet_schedule(struct cpu *cpu, struct tasklet *tasklet);
void tasklet_softirq_action(struct cpu *cpu);
/* Off its list, and no more; waits while its function runs. */
void tasklet_kill(struct cpu *cpu, struct tasklet *tasklet);
/* What a dead pCPU has queued moves here. */
void tasklet_migrate(struct cpu *cpu, struct xen_cpu *dead);

#endif
