/* SPDX-License-Identifier: Apache-2.0
 *
 * Lines of an exploration's trace: what a step does, in words.
 */
#ifndef MACHINE_NOTES_H
#define MACHINE_NOTES_H

#include <stdbool.h>

#include "engine/engine.h"
#include "machine/explored.h"

struct cpu;

/* Somebody reads them. Asked before notes_add only where a run often passes. */
static inline bool notes_are_read(const struct engine *engine)
{
    return engine->explored != NULL && engine->explored->note != NULL;
}

/* cpu NULL: a device. No effect when nobody reads. */
__attribute__((format(printf, 3, 4))) void notes_add(const struct engine *engine, const struct cpu *cpu,
                                                     const char *format, ...);

#endif
