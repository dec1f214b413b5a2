/* SPDX-License-Identifier: Apache-2.0
 *
 * Reports the slowest interrupts of a run step by step, from the device or event channel to the guest's handler: what
 * happened to each, and what the pCPUs on its path were doing in the meantime.
 */
#ifndef TRACE_SLOWEST_H
#define TRACE_SLOWEST_H

#include <stdio.h>

#include "trace/flows.h"
#include "trace/sink.h"

struct slow_interrupt {
    struct trace_flow flow;
    cycles end;
    char *text; /* the printed steps */
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
};

/* Reports the `wanted` slowest interrupts of the measured part, with a history of `memory_records` records. */
void slowest_init(struct slowest *slowest, size_t wanted, size_t memory_records);
void slowest_free(struct slowest *slowest);
void slowest_print(const struct slowest *slowest, FILE *out);

#endif
