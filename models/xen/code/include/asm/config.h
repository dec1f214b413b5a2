/* SPDX-License-Identifier: Apache-2.0 OR MIT
 *
 * The tree's <asm/config.h> without 32-bit guests, whose headers the tree's own build generates.
 */
#ifndef IRQPATH_ASM_CONFIG_H
#define IRQPATH_ASM_CONFIG_H

#include_next <asm/config.h>

#undef CONFIG_COMPAT

#endif
