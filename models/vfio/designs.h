/* SPDX-License-Identifier: Apache-2.0
 *
 * The designs of the vfio family and the hooks of its struct family; vfio.h has the rest.
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

/* The hooks declared here are the family's; the others are the host's. */
extern const struct family vfio_family;

/* Returns why the design cannot run this setup, whose keys are each valid by themselves; NULL: it can. */
const char *vfio_refusal(const struct design *design, const struct setup *setup);
/* The same of files of Linux, which only have INTx with the irqfds of `irqchip: kernel`. */
const char *vfio_code_refusal(const struct design *design, const struct setup *setup);
void vfio_check(const struct design *design, const struct setup *setup, const struct topology *topology,
                const struct setup_report *report);
uint32_t vfio_slots(const struct setup *setup);
void vfio_boot(const struct design *design, struct machine *machine, const struct setup *setup);
void vfio_measure(struct machine *machine);
void vfio_metrics(struct machine *machine, struct metrics *metrics);
void vfio_interrupts(struct machine *machine, const struct drain *drain, struct metrics *metrics,
                     struct stuck_interrupts *stuck);
extern const struct metric_table *const vfio_metric_tables[];

#endif
