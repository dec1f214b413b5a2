/* SPDX-License-Identifier: Apache-2.0 OR MIT
 *
 * Per-CPU variables: the section of the originals has a name whose start and end the linker tells, and each CPU's copy
 * is memory that the glue has allocated.
 */
#ifndef IRQPATH_XEN_PERCPU_H
#define IRQPATH_XEN_PERCPU_H

#include_next <xen/percpu.h>
#include "irqpath.h"

unsigned long irqpath_xen_percpu_offset(void); /* of this CPU's copies */

#define IRQPATH_PER_CPU(type, name, alignment) \
    __attribute__((__section__("irqpath_percpu"), __aligned__(alignment))) __typeof__(type) name

#undef DEFINE_PER_CPU
#define DEFINE_PER_CPU(type, name) IRQPATH_PER_CPU(type, per_cpu__##name, __alignof__(type))
#undef DEFINE_PER_CPU_READ_MOSTLY
#define DEFINE_PER_CPU_READ_MOSTLY(type, name) IRQPATH_PER_CPU(type, per_cpu__##name, __alignof__(type))
#undef DEFINE_PER_CPU_PAGE_ALIGNED
#define DEFINE_PER_CPU_PAGE_ALIGNED(type, name) IRQPATH_PER_CPU(type, per_cpu__##name, 4096)

#undef this_cpu
#define this_cpu(var) (*RELOC_HIDE(&per_cpu__##var, irqpath_xen_percpu_offset()))
#undef this_cpu_ptr
#define this_cpu_ptr(var) (*RELOC_HIDE(var, irqpath_xen_percpu_offset()))

#endif
