/* SPDX-License-Identifier: Apache-2.0
 *
 * The coroutine switch: assembly where there is one, swapcontext elsewhere and under sanitizers. Floating-point control
 * words are not saved, since nothing below the report computes with floating point.
 */
#ifndef ENGINE_SWITCH_H
#define ENGINE_SWITCH_H

#include <stddef.h>

/* Parks the caller, leaving what continues it in *from, and continues `to`. */
void switch_stack(void **from, void *to);

/* What switch_stack continues to call main(argument) on this stack. stack and bytes are multiples of 16, the memory is
 * zero, main must not return. */
void *switch_prepare(char *stack, size_t bytes, void (*main)(void *argument), void *argument);

/* Stack bytes that this build needs above what an actor asks for. */
size_t switch_stack_extra(void);

#endif
