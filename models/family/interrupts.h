/* SPDX-License-Identifier: Apache-2.0
 *
 * The metrics irq.* and devices.*, which mean the same in every family: how many interrupts devices raised, and what
 * happened to each. A family lists its vectors and says how many of their outstanding interrupts are lost; the devices
 * count everything else.
 */
#ifndef MODELS_FAMILY_INTERRUPTS_H
#define MODELS_FAMILY_INTERRUPTS_H

#include <stdbool.h>
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
};

struct interrupts {
    const struct machine *machine;
    const struct drain *drain;
    const struct setup *setup;
    const struct device *devices;     /* one entry for each entry of setup->devices */
    struct interrupt_record *records; /* likewise */
};

/* Starts with the devices' own counters; add the outstanding interrupts of each vector next. */
struct interrupts interrupts_begin(const struct machine *machine, const struct drain *drain, const struct setup *setup,
                                   const struct device *devices);

/* Adds the interrupts that the vector has raised and no handler has seen: `lost` of them are lost, the others pending.
 */
void interrupts_outstanding(struct interrupts *interrupts, const struct device_vector *vector, uint64_t lost);

/* CHECKs that raised = delivered + coalesced + discarded + pending + lost for each device, and reports
 * device_metric_table and irq_metric_table. */
void interrupts_report(struct interrupts *interrupts, struct metrics *metrics);

/* Reports irq_state_metric_table for all devices whose latency is kept by the runstate of the target vCPU; reports
 * nothing when there is none. */
void interrupts_report_states(const struct setup *setup, const struct device *devices, struct metrics *metrics);

extern const struct metric_table irq_metric_table, irq_state_metric_table, device_metric_table;

#endif
