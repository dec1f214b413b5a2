/* SPDX-License-Identifier: Apache-2.0 OR MIT
 *
 * What the vIO-APIC reads of arch/x86/hvm/irq.c: instrumented accesses.
 */
#include "glue.h"

#include "irqpath_hvm.h"

unsigned int irqpath_gsi_asserted(void *domain, unsigned int gsi)
{
    const struct domain *d = domain;

#ifdef hvm_domain_irq
    return hvm_domain_irq(d)->gsi_assert_count[gsi];
#else
    return glue_hvm(d).irq.gsi_assert_count[gsi];
#endif
}
