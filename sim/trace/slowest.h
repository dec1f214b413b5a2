/* SPDX-License-Identifier: Apache-2.0
 *
 * Reports the slowest interrupts of a run step by step, from the device or event channel to the guest's handler: what
 * happened to each, and what the pCPUs on its path were doing in the meantime.
 */
#ifndef TRACE_SLOWEST_H
#define TRACE_SLOWEST_H

#include <jansson.h>
#include <stdio.h>

#include "trace/flows.h"
#include "trace/sink.h"

enum { SLOW_HOLDERS_MAX = 4 };

struct slow_holder {
    uint16_t cpu;
    cycles time; /* for which it held the lock during the wait */
};

struct slow_step {
    cycles at;         /* since the interrupt was raised */
    cycles more;       /* since the step before */
    uint32_t left_out; /* not 0: so many steps were left out here, and the rest of this one says nothing */
    uint16_t cpu;
    char *text;
    struct slow_holder holders[SLOW_HOLDERS_MAX]; /* of the lock that the step has waited for, the longest first */
    uint32_t holder_count, more_holders;
};

struct slow_interrupt {
    struct trace_flow flow;
    cycles end;
    struct slow_step *steps;
    size_t step_count;
    bool is_cut; /* the recorded history begins after the interrupt */
    char *wakes; /* of a wake-up: the task; NULL of an interrupt or event */
};

struct slowest {
    struct trace_sink sink;          /* attach without a recorder, since it needs all records from boot on */
    const struct trace_world *world; /* valid during the run only */
    uint64_t frequency_hz;
    struct trace_flows flows;
    struct trace_record *history; /* ring buffer */
    size_t next, history_count, history_capacity;
    struct slow_interrupt *rows; /* slowest first */
    size_t count, wanted;
    bool is_recording; /* times are ticks of its clock */
};

enum { SLOWEST_HISTORY = 1 << 21 }; /* records that commands remember for the steps of an interrupt */

/* Reports the `wanted` slowest interrupts of the measured part, with a history of `memory_records` records. */
void slowest_init(struct slowest *slowest, size_t wanted, size_t memory_records);
void slowest_free(struct slowest *slowest);

/* Adds a step, whose text is made as by printf, to what `slow` has. */
__attribute__((format(printf, 5, 6))) void slowest_step(struct slow_interrupt *slow, cycles at, cycles more,
                                                        uint16_t cpu, const char *format, ...);

/* --- slowest_report.c --- */

/* Of a recording, times are in ticks of its clock. */
void slowest_print(const struct slowest *slowest, FILE *out);

/* [{"what": "interrupt" | "event" | "wake-up", "number", "of": task of a wake-up or null, "cycles", "ns",
 *   "raised_ns": since the start of the run, "cut",
 *   "steps": [{"cycles", "more", "cpu", "text", "holders": [{"cpu", "cycles"}], "more_holders"} | {"left_out"}]}]
 * in the order of slowest_print; "holders" and "more_holders" only where there are any. The caller releases it. */
json_t *slowest_json(const struct slowest *slowest);

#endif
