/* SPDX-License-Identifier: Apache-2.0
 *
 * The metrics irq.* and devices.*, which mean the same in every family: how many interrupts devices raised, and what
 * happened to each. A family lists its vectors and says whether their outstanding interrupts are lost, and where they
 * are; the devices count everything else.
 */
#ifndef MODELS_FAMILY_INTERRUPTS_H
#define MODELS_FAMILY_INTERRUPTS_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "base/cycles.h"
#include "base/metric.h"
#include "machine/devices/device.h"
#include "machine/machine.h"
#include "models/family/setup.h"

/* What has followed the measured time: no device raised an interrupt any more, so that those on their way could arrive.
 */
struct drain {
    cycles measured_until; /* end of the measured time */
    bool is_over;          /* the whole of run.drain has passed, and interrupts are still outstanding */
};

/* Counts of one kind of device at the end of a run. */
struct interrupt_record {
    struct device_statistics counted;
    uint64_t pending, lost;
    cycles starvation; /* includes the wait, until the end of the measured time, of an interrupt whose handler has not
                          run */
    cycles drained;    /* time after the measured time */
    struct histogram *latency;
    uint32_t vectors; /* of this kind, so far */
};

/* What has become of the interrupts that a vector has raised and no handler has seen. */
struct interrupt_fate {
    bool is_lost;      /* nothing is left to deliver them; otherwise they are pending */
    const char *place; /* where they are, a constant text after "is": "in the PIR of a blocked vCPU" */
};

/* Interrupts of one vector that did not arrive. */
struct stuck_interrupt {
    uint32_t device; /* index into setup->devices */
    uint32_t vector; /* number among the vectors of that entry, from 0: those of the first guest's first device first */
    uint64_t count;  /* at least 1 */
    struct interrupt_fate fate;
};

/* Ascending by device, then by vector. The rows are on the heap and belong to the caller. */
struct stuck_interrupts {
    struct stuck_interrupt *rows;
    size_t count;
};

struct interrupts {
    const struct machine *machine;
    const struct drain *drain;
    const struct setup *setup;
    const struct device *devices;     /* one entry for each entry of setup->devices */
    struct interrupt_record *records; /* likewise */
    struct stuck_interrupts stuck;
};

/* Starts with the devices' own counters; add the outstanding interrupts of each vector next. */
struct interrupts interrupts_begin(const struct machine *machine, const struct drain *drain, const struct setup *setup,
                                   const struct device *devices);

/* Adds the interrupts that the vector has raised and no handler has seen. To be called for each vector, in the order in
 * which those of an entry of setup->devices are numbered; `fate` is not read when nothing is outstanding. */
void interrupts_outstanding(struct interrupts *interrupts, const struct device_vector *vector,
                            struct interrupt_fate fate);

/* CHECKs that raised = delivered + coalesced + discarded + pending + lost for each device, and reports
 * device_metric_table and irq_metric_table. Hands over the list of those that did not arrive, unless `stuck` is NULL.
 */
void interrupts_report(struct interrupts *interrupts, struct metrics *metrics, struct stuck_interrupts *stuck);

/* Reports irq_state_metric_table for all devices whose latency is kept by the runstate of the target vCPU; reports
 * nothing when there is none. */
void interrupts_report_states(const struct setup *setup, const struct device *devices, struct metrics *metrics);

extern const struct metric_table irq_metric_table, irq_state_metric_table, device_metric_table;

#endif
