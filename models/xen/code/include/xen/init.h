/* SPDX-License-Identifier: Apache-2.0 OR MIT
 *
 * The tree's <xen/init.h>; initcalls lie in sections whose start and end the linker tells.
 */
#ifndef IRQPATH_XEN_INIT_H
#define IRQPATH_XEN_INIT_H

#include_next <xen/init.h>

#define IRQPATH_INITCALL(section, function) \
    static const initcall_t __attribute__((__used__, __section__(section))) __initcall_##function = function

#undef presmp_initcall
#define presmp_initcall(function) IRQPATH_INITCALL("irqpath_presmp", function)
#undef __initcall
#define __initcall(function) IRQPATH_INITCALL("irqpath_initcall", function)

#endif
