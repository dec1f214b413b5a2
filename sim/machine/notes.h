/* SPDX-License-Identifier: Apache-2.0
 *
 * Notes: the lines of an exploration's trace, which describe each step.
 */
#ifndef MACHINE_NOTES_H
#define MACHINE_NOTES_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "engine/engine.h"
#include "machine/explored.h"

struct cpu;

/* Whether notes are wanted. notes_add checks it, too; frequent callers ask first to save the call. */
static inline bool notes_are_read(const struct engine *engine)
{
    return engine->explored != NULL && engine->explored->note != NULL;
}

/* Ends the note about a PAUSE in a code object's loop. */
#define NOTE_PAUSE " pause"

/* Adds a note about a step of `cpu`; NULL: of a device. Text beyond 159 bytes is cut. No effect unless notes are
 * wanted.
 */
__attribute__((format(printf, 3, 4))) void notes_add(const struct engine *engine, const struct cpu *cpu,
                                                     const char *format, ...);

/* Reports an access of `cpu` as explored->access takes it. No effect unless it is wanted. */
void notes_access(const struct engine *engine, const struct cpu *cpu, const volatile void *address, size_t bytes,
                  const void *pc);

#endif
