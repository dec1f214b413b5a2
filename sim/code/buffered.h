/* SPDX-License-Identifier: Apache-2.0
 *
 * Explored under total store order: the plain stores of an object's code that are steps (races.h), and atomic ones, go
 * through the store buffer of their CPU (machine/lines/store_buffer.h).
 *
 * The code itself stores and loads, after the compiler's hook. So a store is taken out of memory again, and put into
 * the buffer, at the next hook or import, before any other CPU can look; and what the CPU has in its buffer is put into
 * the memory that it is about to load, and taken out at the same place.
 *
 * What is not buffered, and drains the buffer first: what memset, memcpy and memcmp access as a step, stores to a
 * stack, what the model stores in the object's memory, and what KCSAN calls atomic, of which it does not tell the plain
 * (atomic_set) from the locked.
 */
#ifndef CODE_BUFFERED_H
#define CODE_BUFFERED_H

#include <stdbool.h>
#include <stddef.h>

#include "code/running.h"

struct cpu;

/* Whether the CPU has a buffer with a store to these bytes. */
bool buffered_has(const struct cpu *cpu, const volatile void *address, size_t bytes);

/* Before the code makes an access, and after its step if it is one. No effect unless the CPU has a buffer and the
 * access is a store that is a step, or one of bytes that are in the buffer. */
void buffered_begin(struct cpu *cpu, const volatile void *address, size_t bytes, bool is_store, bool is_step);

/* The access has been made: memory is what all CPUs see. To be called before anything else is accessed, and before the
 * CPU may suspend. */
void buffered_end_now(void);
static inline void buffered_end(void)
{
    if (__builtin_expect(code_running.buffered.cpu != NULL, false))
        buffered_end_now();
}

#endif
