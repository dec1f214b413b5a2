/* SPDX-License-Identifier: Apache-2.0
 *
 * Lines of an exploration's trace: what a step does, in words.
 */
#ifndef MACHINE_NOTES_H
#define MACHINE_NOTES_H

#include <stdbool.h>

struct cpu;
struct engine;

/* Somebody reads them. */
bool notes_are_read(const struct engine *engine);

/* cpu NULL: a device. No effect when nobody reads. */
__attribute__((format(printf, 3, 4))) void notes_add(const struct engine *engine, const struct cpu *cpu,
                                                     const char *format, ...);

#endif
