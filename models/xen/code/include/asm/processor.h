/* SPDX-License-Identifier: Apache-2.0 OR MIT
 *
 * The tree's <asm/processor.h> with PAUSE by irqpath.
 */
#ifndef IRQPATH_ASM_PROCESSOR_H
#define IRQPATH_ASM_PROCESSOR_H

#include_next <asm/processor.h>
#include "irqpath.h"

#undef cpu_relax
#define cpu_relax() irqpath_relax()

#endif
