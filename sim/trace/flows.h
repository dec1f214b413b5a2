/* SPDX-License-Identifier: Apache-2.0
 *
 * Tracks the interrupts in flight in a trace, with their vCPU and the time they were raised. A flow begins with a
 * device's raise or with the event that sets an upcall pending, and ends in the guest's handler.
 */
#ifndef TRACE_FLOWS_H
#define TRACE_FLOWS_H

#include "engine/trace.h"

enum { TRACE_FLOWS = 1 << 14 }; /* flows in flight at once; older ones are dropped */

struct trace_flow {
    uint32_t flow;
    uint32_t who;
    cycles raise;
    bool is_device;
};

struct trace_flows {
    struct trace_flow rows[TRACE_FLOWS];
};

/* Updates the table with the record. If the record ends a flow, returns the flow; its latency is the record's time
 * minus flow->raise. Otherwise returns NULL. */
const struct trace_flow *trace_flows_follow(struct trace_flows *flows, const struct trace_record *record);

/* The flow in flight with that number, or NULL. */
const struct trace_flow *trace_flows_find(const struct trace_flows *flows, uint32_t flow);

#endif
