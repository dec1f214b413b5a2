/* SPDX-License-Identifier: Apache-2.0 OR MIT
 *
 * The tree's <asm/system.h> with atomics, fences and the interrupt flag by irqpath.
 */
#ifndef IRQPATH_ASM_SYSTEM_H
#define IRQPATH_ASM_SYSTEM_H

#include_next <asm/system.h>
#include <irqpath/rmw.h>

#undef __xchg
#define __xchg(x, pointer, size) irqpath_rmw((pointer), (size), IRQPATH_XCHG, (unsigned long)(x), 0)
#undef __cmpxchg
#define __cmpxchg(pointer, old, new, size) \
    irqpath_rmw((pointer), (size), IRQPATH_CAS, (unsigned long)(new), (unsigned long)(old))
#undef __xadd
#define __xadd(pointer, x, size) irqpath_rmw((pointer), (size), IRQPATH_ADD, (unsigned long)(x), 0)

#undef mb
#define mb() irqpath_fence()
#undef rmb
#define rmb() barrier()
#undef wmb
#define wmb() barrier()
#undef smp_mb
#define smp_mb() irqpath_fence()
#undef smp_rmb
#define smp_rmb() barrier()
#undef smp_wmb
#define smp_wmb() barrier()

#undef local_irq_disable
#define local_irq_disable() ((void)irqpath_irq_save())
#undef local_irq_enable
#define local_irq_enable() irqpath_irq_restore(1)
#undef local_save_flags
#define local_save_flags(flags) ((void)((flags) = (unsigned long)irqpath_irq_is_on()))
#undef local_irq_save
#define local_irq_save(flags) ((void)((flags) = irqpath_irq_save()))
#undef local_irq_restore
#define local_irq_restore(flags) irqpath_irq_restore(flags)
#undef local_irq_is_enabled
#define local_irq_is_enabled() irqpath_irq_is_on()

#endif
