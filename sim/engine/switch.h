/* SPDX-License-Identifier: Apache-2.0
 *
 * The coroutine switch: in assembly for x86-64 and AArch64, by swapcontext elsewhere and under sanitizers.
 * Floating-point control words are not saved, because no coroutine changes them.
 */
#ifndef ENGINE_SWITCH_H
#define ENGINE_SWITCH_H

#include <stddef.h>

/* Parks the caller, stores a handle of it in *from, and continues the coroutine of the handle `to`. */
void switch_stack(void **from, void *to);

/* Prepares a coroutine that calls main(argument) on this stack, and returns its handle for switch_stack. `stack` and
 * `bytes` must be multiples of 16, the memory must be zero, and main must not return. */
void *switch_prepare(char *stack, size_t bytes, void (*main)(void *argument), void *argument);

/* Stack bytes that this build needs in addition to what an actor asks for. */
size_t switch_stack_extra(void);

#endif
