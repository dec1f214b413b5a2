/* SPDX-License-Identifier: Apache-2.0
 *
 * Clears what a parked coroutine's stack holds but the coroutine will not read: dead variables, old contents of slots,
 * registers that callees have saved for nothing. What is left is a function of what the code may still do, so that
 * states that differ in nothing else are the same state, whatever compiled the program.
 */
#ifndef EXPLORE_DEAD_STACK_H
#define EXPLORE_DEAD_STACK_H

#include <stdint.h>

/* `pointer` is the parked stack pointer (engine/switch.h), `end` the end of the stack. From the first frame that cannot
 * be analysed upwards nothing is cleared. Not for several threads. */
void dead_stack_clear(char *pointer, const char *end);

/* Fills the same bytes with patterns: the coroutine goes on as if they had been cleared. For tests of that. */
void dead_stack_fill(char *pointer, const char *end);

/* What a word becomes whose bytes are all dead: none is 0, and it tells where the word was. */
static inline uint64_t dead_stack_pattern(const void *place)
{
    return ((uint64_t)(uintptr_t)place / 8 * UINT64_C(0x9e3779b97f4a7c15)) | UINT64_MAX / UINT8_MAX;
}

#endif
