/* SPDX-License-Identifier: Apache-2.0
 *
 * Hands the trace of one run to several sinks.
 */
#ifndef TRACE_TEE_H
#define TRACE_TEE_H

#include "trace/sink.h"

enum { TRACE_TEE_MAX = 4 };

struct trace_tee {
    struct trace_sink sink; /* to attach to the run */
    struct trace_sink *sinks[TRACE_TEE_MAX];
    size_t count;
};

void trace_tee_init(struct trace_tee *tee);

/* Each sink gets the records of its kinds, and must outlive the tee. CHECKs that there is room. */
void trace_tee_add(struct trace_tee *tee, struct trace_sink *sink);

#endif
