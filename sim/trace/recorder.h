/* SPDX-License-Identifier: Apache-2.0
 *
 * A filter between a run and the writer of a trace file. It passes a window of time, classes of records, pCPUs or
 * guests; as a flight recorder it passes the time before the first event of a given kind. The writer first gets the
 * state of every vCPU (TRACE_VCPU records at the window's start) and what the pCPUs have under way, then the records.
 * Runstate changes always pass, because readers cannot make sense of a schedule with gaps.
 */
#ifndef TRACE_RECORDER_H
#define TRACE_RECORDER_H

#include "trace/flows.h"
#include "trace/opening.h"
#include "trace/sink.h"

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
    uint32_t classes;     /* enum trace_class, or-ed; 0: all */
    uint64_t from_ns;     /* start and end of the window since the start of the run; */
    uint64_t until_ns;    /* both 0: the measured part */
    const uint64_t *cpus; /* bitmap of TRACE_CPU_WORDS; NULL: all */
    const char *guest;    /* kind of guest, or "kind.number"; NULL: all */
    enum trace_trigger trigger;
    uint64_t trigger_ns; /* the first latency or wait longer than this ends the trace */
    uint64_t keep_ns;    /* length of the trace before the trigger */
    size_t limit;        /* of records in memory */
};

enum { TRACE_CPU_WORDS = 16 };

struct trace_base {
    bool is_known; /* the trace has shown its state */
    uint8_t state;
    uint16_t cpu;
    cycles since; /* of the state */
};

struct trace_recorder {
    struct trace_sink sink; /* to attach to the run */
    struct trace_sink *next;
    const struct trace_choice *choice;
    struct trace_world world; /* a copy, whose is_opening is set while the writer gets what is under way */
    struct trace_opening opening;
    struct trace_flows flows;
    struct trace_base
        *states; /* [vcpu_count + thread_count + cpu_count], idle vCPUs last: the states before the first record passed
                  * on; followed by as many of the last record seen, for the runnable trigger */
    cycles from, until;
    bool is_open;    /* the writer has the states */
    bool passes_all; /* of the kinds that it gets */
    bool is_over;    /* no further record passes */
    bool has_triggered;
    struct trace_record *kept; /* ring buffer of the flight recorder */
    size_t kept_first, kept_count, kept_capacity;
    cycles *waiting_since; /* [cpu_count], for a trigger on lock waits */
    uint64_t passed, filtered, forgotten, dropped;
};

/* Records that pass go to `next`. `choice` and `next` must outlive the recorder. */
void trace_recorder_init(struct trace_recorder *recorder, const struct trace_choice *choice, struct trace_sink *next);
void trace_recorder_free(struct trace_recorder *recorder);

/* Parse filters; on errors they return false with a message. This one: "sched,lock" or "all". */
bool trace_classes_parse(const char *text, uint32_t *classes, char *message, size_t message_bytes);

/* "latency>1ms", "runnable>200us", "lock_wait>50us". */
bool trace_trigger_parse(const char *text, struct trace_choice *choice, char *message, size_t message_bytes);

/* "0-9,40". */
bool trace_cpus_parse(const char *text, uint64_t cpus[TRACE_CPU_WORDS], char *message, size_t message_bytes);

/* "10ms,30ms". */
bool trace_window_parse(const char *text, struct trace_choice *choice, char *message, size_t message_bytes);

#endif
