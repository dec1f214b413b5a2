/* SPDX-License-Identifier: Apache-2.0
 *
 * The designs of the nvme family and the hooks of its struct family; nvme.h has the rest.
 */
#ifndef NVME_DESIGNS_H
#define NVME_DESIGNS_H

#include <stdint.h>

#include "machine/property.h"
#include "models/host/irq.h"
#include "models/family/family.h"

struct nvme_design {
    bool is_posted;
};

extern const struct nvme_design nvme_msi, nvme_posted_msi;
extern const struct property *const nvme_invariants[];

extern const struct family nvme_family;

/* Returns why the design cannot run this setup, whose keys are each valid by themselves; NULL: it can. */
const char *nvme_refusal(const struct design *design, const struct setup *setup);
void nvme_check(const struct design *design, const struct setup *setup, const struct topology *topology,
                const struct setup_report *report);
uint32_t nvme_slots(const struct setup *setup);
void nvme_boot(const struct design *design, struct machine *machine, const struct setup *setup);
void nvme_interrupt(struct cpu *cpu, uint32_t vector);
void nvme_measure(struct machine *machine);
void nvme_metrics(struct machine *machine, struct metrics *metrics);
void nvme_interrupts(struct machine *machine, const struct drain *drain, struct metrics *metrics,
                     struct stuck_interrupts *stuck);
extern const struct metric_table *const nvme_metric_tables[];

#endif
