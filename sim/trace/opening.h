/* SPDX-License-Identifier: Apache-2.0
 *
 * What every pCPU has under way where a trace begins that begins in the middle of a run: its interrupts and softirqs
 * and for whom they are, the locks that it waits for and holds, and whether its vCPU is in the guest. It is told as the
 * records with which it began, moved to the beginning of the trace, as TRACE_VCPU tells the states of tasks.
 */
#ifndef TRACE_OPENING_H
#define TRACE_OPENING_H

#include "trace/sink.h"

struct opening_cpu;
struct opening_lock;

struct trace_opening {
    struct opening_cpu *cpus;
    uint32_t cpu_count;
    struct opening_lock *locks; /* [lock_count]: those that a record has had */
    uint32_t lock_count;
    bool is_linux; /* of a Linux host: a vCPU that comes to run is not in its guest */
};

/* The kinds of records that are followed. */
#define TRACE_OPENING_KINDS \
    (TRACE_KIND(IRQ_ENTRY) | TRACE_KIND(IRQ_EXIT) | TRACE_KIND(DO_IRQ) | TRACE_KIND(SOFTIRQ_ENTRY) | \
     TRACE_KIND(SOFTIRQ_EXIT) | TRACE_KIND(FOR) | TRACE_KIND(LOCK_WAIT) | TRACE_KIND(LOCK_ACQUIRE) | \
     TRACE_KIND(LOCK_RELEASE) | TRACE_KIND(IDLE_ENTRY) | TRACE_KIND(VMEXIT) | TRACE_KIND(VMENTRY) | \
     TRACE_KIND(RUNSTATE) | TRACE_KIND(DROPPED))

void trace_opening_init(struct trace_opening *opening, uint32_t cpu_count, bool is_linux);
void trace_opening_free(struct trace_opening *opening);

/* Follows one record from before the beginning, in their order. */
void trace_opening_follow(struct trace_opening *opening, const struct trace_record *record);

/* What is under way, as records with the time `at`, which are to follow the states of tasks. The caller frees them. */
struct trace_record *trace_opening_records(const struct trace_opening *opening, cycles at, size_t *count);

#endif
