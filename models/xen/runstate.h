/* SPDX-License-Identifier: Apache-2.0
 *
 * Runstates of vCPUs, and how much of each was spent on the tasklet lock (runstate.c).
 */
#ifndef MODELS_XEN_RUNSTATE_H
#define MODELS_XEN_RUNSTATE_H

#include <stdint.h>

#include "base/cycles.h"

struct vcpu;
struct xen_cpu;

/* Why cycles spent on the tasklet lock were charged to RUNNING: the metrics running_lock_u1 to _u5 (derived from Xen at
 * f6dd295381^). */
enum running_cause {
    CAUSE_TIMER_WHILE_RUNNING, /* u1: the timer expired while a vCPU was current */
    CAUSE_REST_OF_LIST,        /* u2: SCHEDULE ran between the passes of a list */
    CAUSE_WOKEN_ELSEWHERE,     /* u4: something else woke the vCPU between acquisitions 1 and 2 */
    CAUSE_PASSTHROUGH,         /* u5: acquisitions for a passthrough interrupt */
    CAUSE_COUNT,
};

/* Cycles that a pCPU has spent waiting for or holding the tasklet lock since boot; read at runstate changes. */
struct lock_clock {
    uint32_t depth;
    cycles since, total;
    enum running_cause cause; /* of the acquisition in progress */
    cycles by_cause[CAUSE_COUNT];
};

enum runstate { RUNSTATE_RUNNING, RUNSTATE_RUNNABLE, RUNSTATE_BLOCKED, RUNSTATE_OFFLINE, RUNSTATE_COUNT };

/* Runs of a vCPU: from the change to RUNNING to the change to another state. Those that began before the measurement
 * and those that have not ended are left out. */
struct long_runs {
    uint64_t count;
    cycles total, lock; /* lock: the part of `total` spent on the tasklet lock */
};

struct runstate_times {
    cycles total[RUNSTATE_COUNT];
    cycles lock[RUNSTATE_COUNT];    /* the part of `total` spent on the tasklet lock */
    cycles lock_cause[CAUSE_COUNT]; /* lock[RUNSTATE_RUNNING], by cause */
    struct long_runs slices;        /* the runs that lasted for at least a time slice of the scheduler */
};

/* Accounts the time since the last change and sets the new state. An entry time before the last one adds nothing. */
void vcpu_runstate_change(struct vcpu *v, enum runstate new_state, cycles new_entry_time);
/* Charges the lock time of the vCPU's pCPU to its runstate; called before its pCPU or its runstate changes. */
void vcpu_lock_charge(struct vcpu *v);
void runstate_init(struct vcpu *v, enum runstate state);
/* Starts the measurement: clears the times. */
void runstate_measure(struct vcpu *v);
/* Ends the measurement: the times are those until `now`. */
void runstate_end(struct vcpu *v, cycles now);
/* Cycles on the pCPU's lock clock, including an acquisition in progress. */
cycles lock_clock_read(const struct xen_cpu *xc);

#endif
