/* SPDX-License-Identifier: Apache-2.0
 *
 * A writer of Perfetto's trace format, for ui.perfetto.dev: packets of protocol buffers, of which perfetto.proto lists
 * the subset used. vCPUs are threads in the kernel's own scheduling events, so that the viewer shows steal as Runnable;
 * locks and the path of each interrupt (one flow from device to guest handler) are track events.
 */
#ifndef FORMATS_PERFETTO_H
#define FORMATS_PERFETTO_H

#include "formats/output.h"
#include "formats/tasks.h"

/* More pCPUs are refused: trace_processor refuses the whole trace (ftrace_tokenizer.cc, kMaxCpuCount). */
enum { PERFETTO_NEST_MAX = 8, PERFETTO_CPUS_MAX = 1024 };

enum { PERFETTO_STEP_BYTES = 48, PERFETTO_MARK_BYTES = 96 };

/* Steps of an interrupt's path, and marks of interrupts and softirqs. */
enum { STEP_RAISE, STEP_DO_IRQ, STEP_PEND, STEP_INJECT, STEP_HANDLER, PERFETTO_STEPS };
enum { MARK_IRQ_ENTRY, MARK_IRQ_EXIT, MARK_SOFTIRQ_RAISE, MARK_SOFTIRQ_ENTRY, MARK_SOFTIRQ_EXIT, PERFETTO_MARKS };

/* What all events of one step of interrupts on one pCPU begin with. */
struct perfetto_step {
    uint32_t count; /* 0: not yet needed */
    uint8_t bytes[PERFETTO_STEP_BYTES];
};

/* What an interrupt's or softirq's event has behind its time. */
struct perfetto_mark {
    bool is_known;
    uint32_t number; /* vector or softirq */
    int32_t pid;
    uint32_t count;
    uint8_t bytes[PERFETTO_MARK_BYTES];
};

struct perfetto_cpu {
    struct bytes events;               /* encoded events of the bundle in progress */
    uint32_t waits[PERFETTO_NEST_MAX]; /* locks with an open slice for the wait */
    uint32_t wait_count;
    char name[16]; /* "cpu3" */
    struct perfetto_step steps[PERFETTO_STEPS];
    struct perfetto_mark marks[PERFETTO_MARKS]; /* the last of each kind */
    int32_t pid;                                /* of the current task */
};

/* The upper part of the last time as a varint: most often it is that of the next one. */
struct perfetto_stamp {
    uint64_t upper; /* the time without its lower 14 bits; 0: none yet */
    uint32_t count;
    uint8_t bytes[8];
};

struct perfetto_lock {
    char name[TRACE_TEXT_BYTES]; /* "": no track yet */
    bool is_held;
    uint16_t waiters;
};

struct perfetto_writer {
    struct trace_sink sink;
    struct output *output;
    const struct trace_world *world; /* valid during the run only */
    struct task_view view;
    struct task_table tasks;
    struct task_clock clock;
    struct perfetto_stamp stamp;
    struct bytes out; /* packets to be written */
    struct perfetto_cpu *cpus;
    uint32_t cpu_count;
    struct perfetto_lock *locks;          /* [lock_count] */
    uint64_t ftrace_events, track_events; /* written so far */
};

/* Writes to `output`, which the caller opens before the run and commits after it. */
void perfetto_writer_init(struct perfetto_writer *writer, struct output *output);
void perfetto_writer_free(struct perfetto_writer *writer);

#endif
