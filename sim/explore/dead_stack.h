/* SPDX-License-Identifier: Apache-2.0
 *
 * Clears what a parked coroutine's stack holds but the coroutine will not read: dead variables, old contents of slots,
 * registers that callees have saved for nothing. What is left is a function of what the code may still do, so that
 * states that differ in nothing else are the same state, whatever compiled the program.
 */
#ifndef EXPLORE_DEAD_STACK_H
#define EXPLORE_DEAD_STACK_H

/* `pointer` is the parked stack pointer (engine/switch.h), `end` the end of the stack. From the first frame that cannot
 * be analysed upwards nothing is cleared. Not for several threads. */
void dead_stack_clear(char *pointer, const char *end);

#endif
