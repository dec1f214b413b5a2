/* SPDX-License-Identifier: Apache-2.0
 *
 * What a workload's sink keeps of the records until the trace ends: workload.c collects, workload_end.c concludes.
 */
#ifndef TRACE_WORKLOAD_LOG_H
#define TRACE_WORKLOAD_LOG_H

#include "base/intern.h"
#include "trace/workload.h"

/* One interrupt. Tasks are numbers of trace_world_task. */
struct log_interrupt {
    uint64_t ns;
    uint32_t source; /* index into sources */
    uint32_t cpu, flow;
    uint32_t task;    /* that it is for: told by the record, or the first that it woke; WORKLOAD_NOBODY */
    uint32_t through; /* the thread that passed it on; WORKLOAD_NOBODY */
    bool is_told;
};

enum log_origin {
    LOG_LINE,  /* the hypervisor's or host's handler: TRACE_DO_IRQ */
    LOG_RAISE, /* the device itself: TRACE_RAISE */
};

/* Added to the vector of a TRACE_RAISE without a number: a message whose device the recorder does not tell. */
#define LOG_MESSAGE 0x1000000u
/* Added once more for each line, and one, of which a message to nobody turns out to be. */
#define LOG_LINES 256u

struct log_source {
    enum log_origin origin;
    uint32_t number, owner; /* owner: the domain, or TRACE_NOBODY */
    char name[SETUP_NAME_BYTES];
    bool is_named_by_action; /* by one whose device had interrupted */
};

struct log_wake {
    uint64_t ns;
    uint32_t waker, task; /* waker: WORKLOAD_NOBODY in a handler */
};

#define LOG_POLLING UINT32_MAX /* in place of a sleep's pCPU */

/* The changes of one task. */
struct log_task {
    uint8_t state;
    bool is_known;
    bool is_unsure; /* the state of its first record, before which nothing is known */
    uint32_t cpu;
    uint64_t since;
    struct workload_span *runs; /* on a pCPU, without polls */
    size_t run_count;
    struct workload_span *waits; /* for a pCPU */
    size_t wait_count;
    struct workload_span *guest; /* in guest mode */
    size_t guest_count;
    uint64_t guest_since;         /* WORKLOAD_UNKNOWN: not in guest mode */
    struct workload_span *sleeps; /* asleep, or polling until woken; the last may be open: to is WORKLOAD_UNKNOWN */
    size_t sleep_count;
    uint64_t *cpu_ns;
    uint64_t in_state[4], unknown_ns, poll_ns, polled;
};

struct log_cpu {
    uint32_t task;      /* running */
    uint32_t depth;     /* of handlers in progress */
    uint32_t flow;      /* of the interrupt that is handled; 0: none that has a number */
    uint32_t interrupt; /* the last, as index + 1; 0: none */
};

/* The interrupts with one number in the trace: the first and the last of them, as index + 1, and when the first reached
 * its vCPU. */
struct log_flow {
    uint32_t first, last;
    bool is_reached, is_moved; /* is_moved: one has come to stand for those before it */
    uint64_t reached_ns;
};

struct workload_log {
    const struct trace_world *world; /* valid until the end */
    struct log_interrupt *interrupts;
    size_t interrupt_count;
    struct log_flow *flows; /* [flow_capacity] */
    size_t flow_capacity;
    struct intern source_numbers; /* by owner, number and origin */
    struct log_source *sources;
    size_t source_count;
    struct log_wake *wakes;
    size_t wake_count;
    struct log_task *tasks; /* [task_count] */
    uint32_t task_count;
    struct log_cpu *cpus;
    uint64_t end_ns;
    bool has_raises, has_switches, is_linux;
};

/* What other tasks did while these waited for their pCPUs: tasks and sources of their own. `is_needed`: [task_count].
 */
void workload_add_others(struct workload *workload, const bool *is_needed);
struct workload_source *workload_source_add(struct workload *workload, uint32_t task, const char *name);
void workload_arrival_add(struct workload_source *source, uint64_t ns, uint64_t work_ns);

/* All arrivals of the task, ascending; to be freed. */
struct workload_arrival **workload_arrivals(const struct workload *workload, uint32_t task, size_t *count);

/* Fills the workload's sources and tasks from its log. */
void workload_conclude(struct workload *workload);

/* --- workload_work.c: the works of a task's arrivals --- */

/* How much of the spans, which ascend, lies before `ns`. */
uint64_t workload_spent(const struct workload_span *spans, size_t count, uint64_t ns);

/* Sets the work of each arrival (ascending in time) of the task. */
void workload_share(const struct log_task *task, struct workload_arrival *const *arrivals, size_t count,
                    uint64_t end_ns);

#endif
