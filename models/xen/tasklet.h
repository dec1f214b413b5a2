/* SPDX-License-Identifier: Apache-2.0
 *
 * Tasklets, in softirqs and in the context of the idle vCPU (tasklet.c).
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
    struct list link;     /* on a pCPU's softirq_tasklets or idle_tasklets; this and the fields below are protected by
                             tasklet_lock */
    int32_t scheduled_on; /* pCPU; -1: not scheduled */
    bool is_running;
    bool runs_in_idle;                 /* not in a softirq, but on the idle vCPU; constant */
    bool is_dead;                      /* killed: tasklet_schedule has no effect */
    bool enqueued_while_running_guest; /* for accounting: a vCPU was current when the tasklet was scheduled */
    void (*function)(struct cpu *cpu, void *data);
    void *data;
    uint32_t owner; /* in traces: the vCPU or domain it works for */
    void *real;     /* struct tasklet of a code object that has tasklet.c */
};

/* How the versions of tasklet.c differ. All are called with tasklet_lock held. */
struct tasklet_operations {
    void (*link)(struct cpu *cpu, struct tasklet *tasklet);   /* scheduled */
    void (*relink)(struct cpu *cpu, struct tasklet *tasklet); /* has run, and was scheduled meanwhile */
    void (*unlink)(struct cpu *cpu, struct tasklet *tasklet); /* tasklet_kill begins */
    bool (*is_alive)(const struct tasklet *tasklet);          /* tasklet_kill waits until this is false */
};

extern const struct tasklet_operations tasklet_2014;
const struct tasklet_operations *tasklet_operations_of(enum xen_history history);

/* Building blocks of the tables. tasklet_enqueue appends to the list of `scheduled_on` and raises the softirq there;
 * the others are link, unlink and is_alive of 2014. */
void tasklet_enqueue(struct cpu *cpu, struct tasklet *tasklet);
void tasklet_link(struct cpu *cpu, struct tasklet *tasklet);
void tasklet_unlink(struct cpu *cpu, struct tasklet *tasklet);
bool tasklet_is_running(const struct tasklet *tasklet);

/* Take and give tasklet_lock with interrupts off, and account for it; `tasklet` is whose work it is, or NULL. */
bool tasklet_lock_take(struct cpu *cpu, const struct tasklet *tasklet);
void tasklet_lock_give(struct cpu *cpu, bool was_on);

void tasklet_init(struct tasklet *tasklet, void (*function)(struct cpu *, void *), void *data);
/* Schedules the tasklet on this pCPU, or on another. */
void tasklet_schedule(struct cpu *cpu, struct tasklet *tasklet);
void tasklet_schedule_on_cpu(struct cpu *cpu, struct tasklet *tasklet, struct xen_cpu *on);
/* Whether schedule() must pick the idle vCPU; makes the work ready for do_tasklet, the idle loop's part. */
bool tasklet_work_scheduled(struct cpu *cpu);
bool tasklet_work_waits(struct cpu *cpu);
void do_tasklet(struct cpu *cpu);
/* Whether the tasklet is on the list of this pCPU's softirq; without an access. */
bool tasklet_is_on(const struct tasklet *tasklet, const struct xen_cpu *xc);
void tasklet_softirq_action(struct cpu *cpu);
/* Removes the tasklet from its list for good, and waits while its function runs. */
void tasklet_kill(struct cpu *cpu, struct tasklet *tasklet);
/* Moves the tasklets queued on a dead pCPU to this one. */
void tasklet_migrate(struct cpu *cpu, struct xen_cpu *dead);

#endif
