/* SPDX-License-Identifier: Apache-2.0
 *
 * The slowest interrupts of a run, from the device (or the event channel) to the guest's handler, step by step: what
 * happened to them, and what the pCPUs on their way were doing meanwhile.
 */
#ifndef TRACE_SLOWEST_H
#define TRACE_SLOWEST_H

#include <stdio.h>

#include "trace/flows.h"
#include "trace/sink.h"

struct slow_interrupt {
    struct trace_flow flow;
    cycles end;
    char *text; /* its steps */
};

struct slowest {
    struct trace_sink sink; /* behind no recorder: it reads from boot on */
    const struct trace_world *world; /* during the run */
    uint64_t frequency_hz;
    struct trace_flows flows;
    struct trace_record *history; /* a ring */
    size_t next, history_count, history_capacity;
    struct slow_interrupt *rows; /* slowest first */
    size_t count, wanted;
};

/* The `wanted` slowest of the measured part; `memory_records` of history. */
void slowest_init(struct slowest *slowest, size_t wanted, size_t memory_records);
void slowest_free(struct slowest *slowest);
void slowest_print(const struct slowest *slowest, FILE *out);

#endif
