/* SPDX-License-Identifier: Apache-2.0 OR MIT
 *
 * arch/x86/hvm/irq.c's part, when that file is not among the tree's: by the model.
 */
#include "glue.h"

#include <asm/hvm/irq.h>

void hvm_pci_intx_assert(struct domain *d, unsigned int device, unsigned int intx)
{
    irqpath_intx_assert(glue_host_domain(d), device, intx, 1);
}

void hvm_pci_intx_deassert(struct domain *d, unsigned int device, unsigned int intx)
{
    irqpath_intx_assert(glue_host_domain(d), device, intx, 0);
}
