/* SPDX-License-Identifier: Apache-2.0
 *
 * The designs of the qemu family and the hooks of its struct family.
 */
#ifndef QEMU_DESIGNS_H
#define QEMU_DESIGNS_H

#include "models/family/family.h"

struct qemu_design {
    bool is_merged;
};

extern const struct qemu_design qemu_pirq_rfc, qemu_pirq_merged;

extern const struct family qemu_family;

/* Returns why the design cannot run this setup, whose keys are each valid by themselves; NULL: it can. */
const char *qemu_refusal(const struct design *design, const struct setup *setup);
/* In own_code.c. */
const char *qemu_code_refusal(const struct design *design, const struct setup *setup);
void qemu_check(const struct design *design, const struct setup *setup, const struct topology *topology,
                const struct setup_report *report);
uint32_t qemu_slots(const struct setup *setup);
void qemu_boot(const struct design *design, struct machine *machine, const struct setup *setup);
void qemu_measure(struct machine *machine);
void qemu_metrics(struct machine *machine, struct metrics *metrics);
void qemu_interrupts(struct machine *machine, const struct drain *drain, struct metrics *metrics,
                     struct stuck_interrupts *stuck);
extern const struct metric_table *const qemu_metric_tables[];
extern const struct property *const qemu_invariants[];

#endif
