/* SPDX-License-Identifier: Apache-2.0 OR MIT
 *
 * The tree's <asm/bug.h>; a bug ends the run.
 */
#ifndef IRQPATH_ASM_BUG_H
#define IRQPATH_ASM_BUG_H

#include_next <asm/bug.h>
#include <irqpath/asm_bug.h>

#endif
