/* SPDX-License-Identifier: Apache-2.0
 *
 * A recording of a real or simulated machine as a trace: the records that a run would have written, so that the
 * analyses of sim/trace/ take either. The readers of sim/formats/ fill it.
 *
 * How a Linux host's events become records: sched_switch is a TRACE_RUNSTATE of the task that leaves (runnable or
 * blocked), one of the task that enters (running), and a TRACE_SWITCH; sched_waking or sched_wakeup a TRACE_WAKE and,
 * of a blocked task, a TRACE_RUNSTATE to runnable. Handlers of one interrupt are one TRACE_IRQ_ENTRY and TRACE_IRQ_EXIT
 * with a TRACE_DO_IRQ for the line and a TRACE_ACTION for each handler asked. A thread that enters a KVM guest is a
 * vCPU of its process's domain, and kvm_entry and kvm_exit are its TRACE_VMENTRY and TRACE_VMEXIT. Of a Xen host, the
 * records are those of xentrace.
 */
#ifndef TRACE_RECORDED_H
#define TRACE_RECORDED_H

#include "base/intern.h"
#include "trace/sink.h"

enum recorded_host {
    RECORDED_HOST_UNKNOWN,
    RECORDED_HOST_LINUX, /* KVM, or no guest at all */
    RECORDED_HOST_XEN,
};

/* Input that is ignored, with the reason. */
struct recorded_ignored {
    char what[120]; /* the event's name, or a description */
    const char *why;
    uint64_t count;
};

/* How often a line interrupted a CPU, of a recording that counts and does not time. */
struct recorded_rate {
    uint32_t irq, cpu;
    uint64_t count; /* until world.end */
};

enum { RECORDED_KHZ_MIN = 1000, RECORDED_KHZ_MAX = 100000000 };

struct recorded {
    bool is_unreadable; /* it could not be read, which is not its own fault */
    enum recorded_host host;
    char design[SETUP_NAME_BYTES]; /* of the run that wrote the recording; "": unknown */
    struct trace_world world;
    bool is_in_cycles;   /* times are cycles of the machine's clock, whose frequency the world has; false: ns */
    uint64_t machine_hz; /* of the machine's clock, where that is known; else 0 */
    struct trace names;  /* of locks and softirqs: world.trace */
    struct trace_record *records; /* ascending by time, which is 0 at the recording's beginning */
    size_t count, capacity;
    uint64_t kinds;              /* bit set: what the recorder wrote. What is missing here is unknown, not absent */
    uint64_t lost;               /* events that the recorder lost, where they are allowed */
    struct recorded_rate *rates; /* there are no records then */
    size_t rate_count;
    struct recorded_ignored *ignored;
    size_t ignored_count;
    struct intern ignored_kinds; /* their numbers, by reason and input */
    char **texts; /* owned: the names that the world points to */
    size_t text_count;
};

void recorded_init(struct recorded *recorded);
void recorded_free(struct recorded *recorded);

/* Appends a record, in any order of time before recorded_finish. */
void recorded_add(struct recorded *recorded, struct trace_record record);

/* Counts one ignored item. `why` must be a string literal. */
void recorded_ignore(struct recorded *recorded, const char *what, const char *why);

/* A copy of the text that lives as long as the recording. */
const char *recorded_text(struct recorded *recorded, const char *text);

/* A copy of the list, whose texts may be NULL, that lives as long as the recording. */
const char *const *recorded_names(struct recorded *recorded, const char *const *names, uint32_t count);

/* Sorts the records by time, stably, sets the world's end (never before the last record) and trace, which threads have
 * namesakes, and `kinds`. */
void recorded_finish(struct recorded *recorded);

/* By number of vCPU, TRACE_VMENTRY or TRACE_VMEXIT: which of them the recording has of it first; 0: none. The caller
 * frees it. */
uint8_t *recorded_first_modes(const struct recorded *recorded);

/* Hands all records before `until` to the sink, as a run does that measures from..until (in the recording's clock; 0
 * and CYCLES_NEVER: all of it). Tasks whose first record is a change of state are in the state that it leaves from 0
 * on. False with the sink's message. The machine that the sink's end gets is NULL. */
bool recorded_play(struct recorded *recorded, cycles from, cycles until, struct trace_sink *sink, char *message,
                   size_t message_bytes);

#endif
