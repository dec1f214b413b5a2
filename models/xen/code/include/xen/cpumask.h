/* SPDX-License-Identifier: Apache-2.0 OR MIT
 *
 * The tree's <xen/cpumask.h>; irqpath's machine knows which CPUs are online.
 */
#ifndef IRQPATH_XEN_CPUMASK_H
#define IRQPATH_XEN_CPUMASK_H

#include_next <xen/cpumask.h>
#include "irqpath.h"

#undef cpu_online
#define cpu_online(cpu) irqpath_cpu_is_online(cpu)

#endif
