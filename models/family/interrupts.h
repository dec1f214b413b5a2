/* SPDX-License-Identifier: Apache-2.0
 *
 * irq.* and devices.*, which mean the same in every family: what devices raised, and what became of it. A family says
 * which vectors it has and which of their interrupts are lost; devices count the rest.
 */
#ifndef MODELS_FAMILY_INTERRUPTS_H
#define MODELS_FAMILY_INTERRUPTS_H

#include <stdint.h>

#include "base/cycles.h"
#include "base/metric.h"
#include "machine/devices/device.h"
#include "machine/machine.h"
#include "models/family/setup.h"

/* Of one kind of device, at the end of a run. */
struct interrupt_record {
    struct device_statistics counted;
    uint64_t pending, lost;
    cycles starvation; /* that of an interrupt without a handler goes on */
    struct histogram *latency;
};

struct interrupts {
    const struct machine *machine;
    const struct setup *setup;
    const struct device *devices;     /* one for each of setup->devices */
    struct interrupt_record *records; /* likewise */
};

/* All that devices have counted; interrupts that are outstanding follow. */
struct interrupts interrupts_begin(const struct machine *machine, const struct setup *setup,
                                   const struct device *devices);

/* What the vector has raised and no handler has seen: on its way, except for `lost` of them. */
void interrupts_outstanding(struct interrupts *interrupts, const struct device_vector *vector, uint64_t lost);

/* CHECKs that each interrupt raised was delivered, coalesced or discarded, or is outstanding, and reports
 * device_metric_table and irq_metric_table. */
void interrupts_report(struct interrupts *interrupts, struct metrics *metrics);

/* irq_state_metric_table, of all devices whose latency is told apart by their targets' state; nothing without any. */
void interrupts_report_states(const struct setup *setup, const struct device *devices, struct metrics *metrics);

extern const struct metric_table irq_metric_table, irq_state_metric_table, device_metric_table;

#endif
