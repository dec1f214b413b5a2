/* SPDX-License-Identifier: Apache-2.0
 *
 * Softirqs: raising them, and the loop that runs them (softirq.c).
 */
#ifndef MODELS_XEN_SOFTIRQ_H
#define MODELS_XEN_SOFTIRQ_H

#include <stdbool.h>
#include <stdint.h>

struct cpu;
struct trace;
struct xen_cpu;

/* Softirq numbers are their service order. Source: xen/include/xen/softirq.h at f6dd295381. */
enum softirq {
    TIMER_SOFTIRQ = 0,
    SCHEDULE_SOFTIRQ = 1,
    RCU_SOFTIRQ = 3,
    TASKLET_SOFTIRQ = 4,
    VCPU_KICK_SOFTIRQ = 7,
    HVM_DPCI_SOFTIRQ = 10,
    SOFTIRQ_COUNT,
};

/* Registers the softirqs' names with the trace. */
void softirq_boot(struct trace *trace);

/* Raise a softirq on this pCPU, and on `target`, with an IPI if the softirq was not pending there. */
void raise_softirq(struct cpu *cpu, enum softirq nr);
void cpu_raise_softirq(struct cpu *cpu, struct xen_cpu *target, enum softirq nr);
/* Whether a softirq is pending on this pCPU. */
bool softirq_is_pending(struct cpu *cpu);
/* The handler of a softirq. */
void softirq_run(struct cpu *cpu, enum softirq nr);
/* Runs pending softirqs until none is left or SCHEDULE has switched to another vCPU. */
void do_softirq(struct cpu *cpu);
/* Runs all pending softirqs except SCHEDULE, from within a long hypercall. */
void process_pending_softirqs(struct cpu *cpu);

#endif
