/* SPDX-License-Identifier: Apache-2.0
 *
 * What the two parts of the writer of trace.dat share: the numbers of events, and the head of the file.
 */
#ifndef FORMATS_TRACEDAT_PARTS_H
#define FORMATS_TRACEDAT_PARTS_H

#include "formats/output.h"
#include "formats/tasks.h"

enum { TRACEDAT_PAGE_BYTES = 4096 };

enum {
    ID_SWITCH = 300,
    ID_WAKING,
    ID_IRQ_ENTRY,
    ID_IRQ_EXIT,
    ID_SOFTIRQ_RAISE,
    ID_SOFTIRQ_ENTRY,
    ID_SOFTIRQ_EXIT,
    ID_ENTRY,
    ID_EXIT,
    ID_WAKEUP,
    ID_SIMULATED,
    ID_OURS = 320
};

/* The first event of a run: it names the design, and its value is the frequency of the machine in kHz; 0: not told. */
#define TRACEDAT_SIMULATED "simulated"

/* The names of irqpath's own events by kind of record; NULL for kinds that become kernel events or are not written. */
extern const char *const tracedat_our_names[TRACE_KIND_COUNT];

/* Whether the trace is of a Linux host, whose VM entries and exits are KVM's events. */
static inline bool tracedat_is_linux(const struct trace_world *world) { return world->irq_count > 0; }

/* Appends the head up to the table of the pCPUs' sections, which is to follow. */
void tracedat_put_head(struct bytes *head, const struct task_table *tasks);

#endif
