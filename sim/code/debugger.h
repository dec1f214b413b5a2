/* SPDX-License-Identifier: Apache-2.0
 *
 * What debuggers need to know of code objects: GDB's JIT compilation interface (GDB's manual, "JIT Compilation
 * Interface"; LLDB knows it, too), and places for breakpoints.
 */
#ifndef CODE_DEBUGGER_H
#define CODE_DEBUGGER_H

#include <stdbool.h>
#include <stddef.h>

#include "code/object.h"

/* Tells the debugger that traces this process, if there is one, that the object has been loaded at `image`. An image
 * that was at the same place before is forgotten. Files, lines and variables are known only if the linker has kept the
 * relocations of debug information (--emit-relocs). */
void debugger_register(const struct code_object *object, const char *image);

/* A copy of the object's file for an image at `image`, with all addresses moved; the caller frees it. */
unsigned char *debugger_move(const struct code_object *object, const char *image);

/* Do nothing; a breakpoint there stops before step `step` (from 1) of a replay, and before the object's code goes on at
 * `pc` after an access that is a step. */
void debugger_step(size_t step);
void debugger_access(const void *pc);

#endif
