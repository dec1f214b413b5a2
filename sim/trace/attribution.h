/* SPDX-License-Identifier: Apache-2.0
 *
 * Who took the guests' time, and how. Two losses of a vCPU: steal (RUNNABLE or OFFLINE), and lost RUNNING (charged as
 * running, but not in guest mode). Every cycle of them is charged to what the vCPU's pCPU was doing then: the innermost
 * thing of a stack of interrupts, softirqs and waits for locks. A wait is split further by who held the lock then, and
 * for whose interrupt. The parts sum to the whole, to the cycle.
 */
#ifndef TRACE_ATTRIBUTION_H
#define TRACE_ATTRIBUTION_H

#include <stdio.h>

#include "trace/sink.h"

enum attribution_loss { LOSS_STEAL, LOSS_RUNNING, LOSS_COUNT };

enum attribution_cause {
    CAUSE_LOCK_HELD,     /* waits for a lock while pCPU `cpu` holds it, for `culprit` */
    CAUSE_LOCK_HANDOVER, /* waits while nobody does, since `cpu` gave it back: its line is on the way, or fought for */
    CAUSE_LOCK_FREE,     /* takes a free lock */
    CAUSE_INTERRUPT,     /* handles an interrupt of `culprit`'s device, or a timer's or an IPI while it is current */
    CAUSE_SOFTIRQ,       /* runs softirq `what`, for `culprit` */
    CAUSE_GUEST,         /* runs a vCPU of `culprit` */
    CAUSE_HYPERVISOR,    /* VM exits and entries, context switches */
    CAUSE_WAKE_UP,       /* the idle pCPU is being woken */
    ATTRIBUTION_CAUSES,
};

extern const char *const attribution_loss_names[LOSS_COUNT];
extern const char *const attribution_cause_names[ATTRIBUTION_CAUSES];

#define ATTRIBUTION_NONE 0xffffu

/* One part. */
struct attribution_part {
    cycles time;
    uint16_t victim;  /* domain */
    uint16_t culprit; /* domain, or ATTRIBUTION_NONE */
    uint16_t cpu;     /* that holds or held the lock, or ATTRIBUTION_NONE */
    uint8_t loss, cause;
    uint8_t what; /* class of the lock; number of the softirq; 0 */
};

struct attribution_cpu;
struct attribution_lock;
struct attribution_vcpu;

struct attribution {
    struct trace_sink sink;
    struct trace_world world; /* its names outlive the run */
    uint32_t cpu_count, vcpu_count;
    bool has_vcpus; /* the model tells their runstates: without them nothing can be said */
    cycles from, until; /* what is counted */
    struct attribution_cpu *cpus;
    struct attribution_vcpu *vcpus;
    struct attribution_lock *locks;
    uint32_t lock_count;
    struct attribution_part *parts; /* a hash table; time 0: free */
    size_t part_count, part_capacity;
    cycles *guest_time;      /* [domain_count] in guest mode */
    cycles (*state_time)[4]; /* [domain_count] */
    char (*class_names)[SETUP_NAME_BYTES];
    uint32_t class_count;
    char softirq_names[64][SETUP_NAME_BYTES];
};

/* Counts the measured part of the run. */
void attribution_init(struct attribution *attribution);
void attribution_free(struct attribution *attribution);

/* Whole domains' losses: what the parts must sum to. */
cycles attribution_whole(const struct attribution *attribution, uint32_t domain, enum attribution_loss loss);

/* --- attribution_parts.c --- */

/* Adds its time to the part that is the same otherwise. */
void attribution_add(struct attribution *attribution, const struct attribution_part *part);

/* --- attribution_report.c --- */

/* By kinds of guests: the causes with culprits, most first, until 99.5 % are told; the rest; the sum. Then who took
 * from whom, as a matrix. */
void attribution_print(const struct attribution *attribution, FILE *out, bool use_colour);

/* Every part: victim,loss,cause,what,cpu,culprit,cycles. */
void attribution_print_csv(const struct attribution *attribution, FILE *out);

#endif
