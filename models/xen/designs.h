/* SPDX-License-Identifier: Apache-2.0
 *
 * The list of the dPCI delivery designs, in historical order. Each row names a file of dpci/, which defines xen_NAME.
 */
#ifndef MODELS_XEN_DESIGNS_H
#define MODELS_XEN_DESIGNS_H

#include "models/family/family.h"

#define XEN_DESIGN_LIST(DESIGN) \
    DESIGN(domain_tasklet) \
    DESIGN(pirq_tasklet) \
    DESIGN(softirq_masked) \
    DESIGN(softirq_states) \
    DESIGN(softirq_gated) \
    DESIGN(softirq_requeue) \
    DESIGN(softirq_hotplug)

#define XEN_DESIGN_DECLARE(name) extern const struct design xen_##name;

extern const struct family xen_family;
XEN_DESIGN_LIST(XEN_DESIGN_DECLARE)

#endif
