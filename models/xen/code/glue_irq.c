/* SPDX-License-Identifier: Apache-2.0 OR MIT
 *
 * What arch/x86/hvm/irq.c calls elsewhere in Xen, by the model. Its lines go to the vIO-APIC.
 */
#include "glue.h"

#include <asm/hvm/support.h>
#include <asm/hvm/vioapic.h>

#include "irqpath_hvm.h"

void vioapic_irq_positive_edge(struct domain *d, unsigned int irq) { irqpath_vioapic_edge(glue_host_domain(d), irq); }

/* Functions that have nothing to do here, whose types differ between trees: the guest has no PIC, is not saved, and
 * there is no console. */
#define NOTHING(name) \
    void nothing_##name(void) __asm__(#name); \
    void nothing_##name(void) {}

NOTHING(vpic_irq_positive_edge)
NOTHING(vpic_irq_negative_edge)
NOTHING(register_keyhandler)
NOTHING(hvm_register_savevm)
