/* SPDX-License-Identifier: Apache-2.0
 *
 * A direct-mapped table by flow number. Numbers are assigned in order, so a new flow displaces the oldest.
 */
#include "trace/flows.h"

const struct trace_flow *trace_flows_find(const struct trace_flows *flows, uint32_t flow)
{
    const struct trace_flow *row = &flows->rows[flow % TRACE_FLOWS];

    return flow != 0 && row->flow == flow ? row : NULL;
}

static void begin(struct trace_flows *flows, const struct trace_record *record, cycles raise, bool is_device)
{
    if (record->flow != 0 && trace_flows_find(flows, record->flow) == NULL)
        flows->rows[record->flow % TRACE_FLOWS] = (struct trace_flow){ record->flow, record->who, raise, is_device };
}

const struct trace_flow *trace_flows_follow(struct trace_flows *flows, const struct trace_record *record)
{
    if (record->kind == TRACE_RAISE)
        begin(flows, record, record->b, true);
    else if (record->kind == TRACE_PEND && record->a == 0)
        begin(flows, record, record->time, false);
    else if (record->kind == TRACE_HANDLER)
        return trace_flows_find(flows, record->flow);
    return NULL;
}
