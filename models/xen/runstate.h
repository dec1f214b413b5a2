/* SPDX-License-Identifier: Apache-2.0
 *
 * Runstates of vCPUs, and what of them is due to the tasklet lock.
 */
#ifndef MODELS_XEN_RUNSTATE_H
#define MODELS_XEN_RUNSTATE_H

#include <stdint.h>

#include "base/cycles.h"

struct vcpu;
struct xen_cpu;

/* Why cycles for the tasklet lock were charged to RUNNING: the metrics u1 to u5 (derived from Xen at f6dd295381^). */
enum running_cause {
    CAUSE_TIMER_WHILE_RUNNING, /* u1: the timer expired while a vCPU was current */
    CAUSE_REST_OF_LIST,        /* u2: SCHEDULE ran between the passes of a list */
    CAUSE_WOKEN_ELSEWHERE,     /* u4: woken by another route between take 1 and take 2 */
    CAUSE_PASSTHROUGH,         /* u5: a passthrough interrupt's takes */
    CAUSE_COUNT,
};

/* Cycles a pCPU spent for the tasklet lock so far: waiting, or holding it. vCPUs read it at their runstate changes. */
struct lock_clock {
    uint32_t depth;
    cycles since, total;
    enum running_cause cause; /* of the take in progress */
    cycles by_cause[CAUSE_COUNT];
};

enum runstate { RUNSTATE_RUNNING, RUNSTATE_RUNNABLE, RUNSTATE_BLOCKED, RUNSTATE_OFFLINE, RUNSTATE_COUNT };

struct runstate_times {
    cycles total[RUNSTATE_COUNT];
    cycles lock[RUNSTATE_COUNT];    /* of those, on the tasklet lock, */
    cycles lock_cause[CAUSE_COUNT]; /* and why, while RUNNING */
};

void vcpu_runstate_change(struct vcpu *v, enum runstate new_state, cycles new_entry_time);
/* The vCPU's lock clock is read: before its pCPU or runstate changes. */
void vcpu_lock_charge(struct vcpu *v);
void runstate_init(struct vcpu *v, enum runstate state);
void runstate_measure(struct vcpu *v);
cycles lock_clock_read(const struct xen_cpu *xc);

#endif
