/* SPDX-License-Identifier: Apache-2.0
 *
 * Explored: what a trace says of the accesses of a code object. No effect unless notes are read.
 */
#ifndef CODE_ACCESS_NOTES_H
#define CODE_ACCESS_NOTES_H

#include <stddef.h>

#include "code/races.h"

struct code;
struct cpu;

const char *access_name(enum code_access access);

/* An access at `pc`, whose step has begun. Of a read-modify-write only its place is kept: its values come later. */
void access_note(const struct code *code, const struct cpu *cpu, const volatile void *address, size_t bytes,
                 enum code_access access, const void *pc);

/* Notes the read-modify-write that access_note has kept, with its values; returns the old one. */
unsigned long access_note_rmw(unsigned long old, unsigned long value, unsigned bytes);

/* The same where the code itself performs it later. */
void access_note_rmw_to_come(void);

#endif
