/* SPDX-License-Identifier: Apache-2.0
 *
 * The interrupts under way in a trace: when each was raised, and for whom. From a device's raise, or from the event
 * that sets an upcall pending, to the guest's handler.
 */
#ifndef TRACE_FLOWS_H
#define TRACE_FLOWS_H

#include "engine/trace.h"

enum { TRACE_FLOWS = 1 << 14 }; /* under way at once; older ones are forgotten */

struct trace_flow {
    uint32_t flow;
    uint32_t who;
    cycles raise;
    bool is_device;
};

struct trace_flows {
    struct trace_flow rows[TRACE_FLOWS];
};

/* Follows the record. When it is the end of an interrupt, returns it as it was begun: its latency is the record's time
 * less its raise. Otherwise NULL. */
const struct trace_flow *trace_flows_follow(struct trace_flows *flows, const struct trace_record *record);

/* The interrupt under way of that number, or NULL. */
const struct trace_flow *trace_flows_find(const struct trace_flows *flows, uint32_t flow);

#endif
