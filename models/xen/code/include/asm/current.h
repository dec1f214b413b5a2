/* SPDX-License-Identifier: Apache-2.0 OR MIT
 *
 * The tree's <asm/current.h>, without the record at the bottom of the CPU's stack: irqpath knows the CPU and its vCPU.
 */
#ifndef IRQPATH_ASM_CURRENT_H
#define IRQPATH_ASM_CURRENT_H

#include_next <asm/current.h>
#include "irqpath.h"

struct vcpu *irqpath_xen_current(void);
struct cpu_info *irqpath_xen_cpu_info(void);   /* ends the run */
unsigned long irqpath_xen_percpu_offset(void); /* of this CPU's copies of per-CPU variables */

#define get_cpu_info() irqpath_xen_cpu_info()
#undef get_processor_id
#define get_processor_id() irqpath_cpu()
#ifdef smp_processor_id
#undef smp_processor_id
#define smp_processor_id() irqpath_cpu()
#endif
#ifdef get_per_cpu_offset
#undef get_per_cpu_offset
#define get_per_cpu_offset() irqpath_xen_percpu_offset()
#endif
#undef get_current
#define get_current() irqpath_xen_current()
#undef set_current

#endif
