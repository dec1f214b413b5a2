/* SPDX-License-Identifier: Apache-2.0 OR MIT
 *
 * The tree's <asm/hardirq.h>; irqpath's machine knows whether a CPU handles an interrupt.
 */
#ifndef IRQPATH_ASM_HARDIRQ_H
#define IRQPATH_ASM_HARDIRQ_H

#include_next <asm/hardirq.h>
#include "irqpath.h"

#undef in_irq
#define in_irq() irqpath_in_irq()

#endif
