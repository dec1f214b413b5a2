/* SPDX-License-Identifier: Apache-2.0
 *
 * Softirqs.
 */
#ifndef MODELS_XEN_SOFTIRQ_H
#define MODELS_XEN_SOFTIRQ_H

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

/* Names for traces. */
void softirq_boot(struct trace *trace);

void raise_softirq(struct cpu *cpu, enum softirq nr);
void cpu_raise_softirq(struct cpu *cpu, struct xen_cpu *target, enum softirq nr);
/* Returns when nothing is pending, or at once when SCHEDULE switched the current vCPU. */
void do_softirq(struct cpu *cpu);
/* All but SCHEDULE: from within a long hypercall. */
void process_pending_softirqs(struct cpu *cpu);

#endif
