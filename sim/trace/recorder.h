/* SPDX-License-Identifier: Apache-2.0
 *
 * Between a run and the writer of a file: what of the trace is kept. A window of time, classes of records, pCPUs,
 * guests; or, as a flight recorder, the time before the first event of a kind. The writer gets the state of every vCPU
 * first (TRACE_VCPU records at the window's start), then the records of the window. Changes of runstates always pass:
 * a schedule with holes cannot be read.
 */
#ifndef TRACE_RECORDER_H
#define TRACE_RECORDER_H

#include "trace/sink.h"
#include "trace/flows.h"

enum trace_class {
    TRACE_CLASS_SCHED = 1,   /* runstates, switches, wakes, blocks, idling */
    TRACE_CLASS_IRQ = 2,     /* raise, accept, entry, exit, IPIs */
    TRACE_CLASS_SOFTIRQ = 4, /* raise, entry, exit */
    TRACE_CLASS_LOCK = 8,    /* wait, acquire, release */
    TRACE_CLASS_HVM = 16,    /* VM exits and entries, pending and injected interrupts, guest handlers */
    TRACE_CLASS_ALL = 31,
};

enum trace_trigger { TRACE_TRIGGER_NONE, TRACE_TRIGGER_LATENCY, TRACE_TRIGGER_RUNNABLE, TRACE_TRIGGER_LOCK_WAIT };

struct trace_choice {
    uint32_t classes;     /* or-ed; 0: all */
    uint64_t from_ns;     /* of the window, from the start of the run; */
    uint64_t until_ns;    /* both 0: the measured part */
    const uint64_t *cpus; /* bitmap of TRACE_CPU_WORDS; NULL: all */
    const char *guest;    /* kind of guest, or "kind.number"; NULL: all */
    enum trace_trigger trigger;
    uint64_t trigger_ns; /* the first longer than that ends the trace, */
    uint64_t keep_ns;    /* which begins so long before */
    size_t limit;        /* records in memory */
};

enum { TRACE_CPU_WORDS = 16 };

struct trace_base {
    bool is_known; /* the model has told its state */
    uint8_t state;
    uint16_t cpu;
    cycles since; /* of the state */
};

struct trace_recorder {
    struct trace_sink sink; /* for the run */
    struct trace_sink *next;
    const struct trace_choice *choice;
    const struct trace_world *world;
    struct trace_flows flows;
    struct trace_base
        *states; /* [vcpu_count + cpu_count] as of what was handed on last; idle vCPUs behind the others */
    cycles from, until;
    bool is_open; /* the writer has the states */
    bool is_over; /* nothing passes any more */
    bool has_triggered;
    struct trace_record *kept; /* flight recorder: a ring */
    size_t kept_first, kept_count, kept_capacity;
    cycles *waiting_since; /* [cpu_count], for a trigger on lock waits */
    uint64_t passed, filtered, forgotten, dropped;
};

/* `choice` and `next` outlive the recorder. */
void trace_recorder_init(struct trace_recorder *recorder, const struct trace_choice *choice, struct trace_sink *next);
void trace_recorder_free(struct trace_recorder *recorder);

/* "sched,lock" and so on, "all". False with a message. */
bool trace_classes_parse(const char *text, uint32_t *classes, char *message, size_t message_bytes);

/* "latency>1ms", "runnable>200us", "lock_wait>50us". */
bool trace_trigger_parse(const char *text, struct trace_choice *choice, char *message, size_t message_bytes);

/* "0-9,40". */
bool trace_cpus_parse(const char *text, uint64_t cpus[TRACE_CPU_WORDS], char *message, size_t message_bytes);

/* "10ms,30ms". */
bool trace_window_parse(const char *text, struct trace_choice *choice, char *message, size_t message_bytes);

#endif
