/* SPDX-License-Identifier: Apache-2.0 OR MIT
 *
 * The tree's <asm/current.h>, without the record at the bottom of the CPU's stack: irqpath knows the CPU and its vCPU.
 */
#ifndef IRQPATH_ASM_CURRENT_H
#define IRQPATH_ASM_CURRENT_H

#include_next <asm/current.h>
#include "irqpath.h"

struct vcpu *irqpath_xen_current(void);

#undef get_processor_id
#define get_processor_id() irqpath_cpu()
#undef get_current
#define get_current() irqpath_xen_current()
#undef set_current

#endif
