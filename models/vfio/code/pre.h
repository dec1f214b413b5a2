/* SPDX-License-Identifier: Apache-2.0 OR MIT
 *
 * In front of every file of the tree: what its headers would write in assembly for a kernel's own per-CPU segment. The
 * tree's own header comes first, because since 6.2 it declares more than `current`.
 */
#ifndef IRQPATH_PRE_H
#define IRQPATH_PRE_H

#include <asm/current.h>

struct task_struct *irqpath_current(void);

#undef current
#define current irqpath_current()
#define get_current() irqpath_current()

#endif
