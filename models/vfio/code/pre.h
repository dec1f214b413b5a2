/* SPDX-License-Identifier: Apache-2.0 OR MIT
 *
 * In front of every file of the tree: what its headers would write in assembly for a kernel's own per-CPU segment, and
 * the full barrier, of which KCSAN tells only a kernel of its own. The tree's own headers come first, because since 6.2
 * that of `current` declares more.
 */
#ifndef IRQPATH_PRE_H
#define IRQPATH_PRE_H

#include <asm/barrier.h>
#include <asm/current.h>

struct task_struct *irqpath_current(void);

#undef current
#define current irqpath_current()
#define get_current() irqpath_current()

void irqpath_fence(void);

#undef __smp_mb
#define __smp_mb() irqpath_fence()

#endif
