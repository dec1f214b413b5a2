/* SPDX-License-Identifier: Apache-2.0 OR MIT
 *
 * The tree's <asm/alternative.h>; nothing is patched: an alternative call is an indirect call.
 */
#ifndef IRQPATH_ASM_ALTERNATIVE_H
#define IRQPATH_ASM_ALTERNATIVE_H

#include_next <asm/alternative.h>

#ifdef alternative_call
#undef alternative_call
#define alternative_call(function, arguments...) (function)(arguments)
#undef alternative_vcall
#define alternative_vcall(function, arguments...) ((void)(function)(arguments))
#endif

#endif
