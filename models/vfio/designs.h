/* SPDX-License-Identifier: Apache-2.0
 *
 * What the registry needs of the family: its designs and hooks. The rest is vfio.h's.
 */
#ifndef VFIO_DESIGNS_H
#define VFIO_DESIGNS_H

#include <stdint.h>

#include "machine/property.h"
#include "models/host/irq.h"
#include "models/family/family.h"

struct vfio_design;

extern const struct vfio_design vfio_automask, vfio_exclusive, vfio_direct_eoi, vfio_msi, vfio_kvm_assigned;
extern const struct property *const vfio_invariants[];

/* Hooks of every VFIO model; the others are the host's. */
extern const struct family vfio_family;

/* Why the design cannot run this setup, each of whose keys is valid by itself; NULL: it can. */
const char *vfio_refusal(const struct design *design, const struct setup *setup);
void vfio_check(const struct design *design, const struct setup *setup, const struct topology *topology,
                const struct setup_report *report);
uint32_t vfio_slots(const struct setup *setup);
void vfio_boot(const struct design *design, struct machine *machine, const struct setup *setup);
void vfio_measure(struct machine *machine);
void vfio_metrics(struct machine *machine, struct metrics *metrics);
extern const struct metric_table *const vfio_metric_tables[];

#endif
