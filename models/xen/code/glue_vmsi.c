/* SPDX-License-Identifier: Apache-2.0 OR MIT
 *
 * What arch/x86/hvm/vmsi.c calls elsewhere in Xen, by the model. It has no MSI-X tables: the only registration that the
 * model asks for is one that fails.
 */
#include "glue.h"

#include <xen/pci.h>
#include <asm/hvm/support.h>

#include "irqpath_hvm.h"

irq_desc_t *irq_desc;

void vlapic_set_irq(struct vlapic *vlapic, uint8_t vector, uint8_t is_level)
{
    irqpath_vlapic_set_irq(glue_host_vcpu(container_of(vlapic, struct vcpu, glue_vcpu_hvm.vlapic)), vector, is_level);
}

#ifndef IRQPATH_PCIDEVS_LOCK
/* The lock is the model's, which holds it around each bind. */
irqpath_bool pcidevs_locked(void) { return 1; }
#endif
