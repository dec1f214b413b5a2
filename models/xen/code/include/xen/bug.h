/* SPDX-License-Identifier: Apache-2.0 OR MIT
 *
 * The tree's <xen/bug.h>; a bug ends the run. Assertions stand here from 4.19 on, before that in <xen/lib.h>.
 */
#ifndef IRQPATH_XEN_BUG_H
#define IRQPATH_XEN_BUG_H

#include <irqpath/no_bug.h>
#include_next <xen/bug.h>
#ifdef ASSERT
#include <irqpath/bug.h>
#else
#include <irqpath/asm_bug.h>
#endif

#endif
