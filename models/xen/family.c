/* SPDX-License-Identifier: Apache-2.0
 *
 * The Xen family, as models/registry.h lists it.
 */
#include "models/xen/designs.h"
#include "models/xen/xen.h"

#define XEN_DESIGN_ADDRESS(name) &xen_##name,

static const struct design *const designs[] = { XEN_DESIGN_LIST(XEN_DESIGN_ADDRESS) };

const struct family xen_family = {
    .name = "xen",
    .designs = designs,
    .design_count = sizeof designs / sizeof *designs,
    .slots = xen_slots,
    .boot = xen_boot,
    .cpu_main = xen_cpu_main,
    .interrupt = xen_interrupt,
    .measure = xen_measure,
    .metrics = xen_metrics,
    .metric_tables = xen_metric_tables,
    .invariants = xen_invariants,
};
