/* SPDX-License-Identifier: Apache-2.0
 *
 * replay --gdb: runs gdb on this program.
 */
#ifndef DEBUG_H
#define DEBUG_H

#include <stddef.h>

struct cli;
struct code_object;

/* Replaces this process by gdb, which runs the same replay without --gdb and stops before step `step` (from 1); with a
 * code object, where the object's code goes on after its first access from that step on. Returns an exit code when gdb
 * cannot be started, after an error was printed. */
int debug_replay(const struct cli *cli, const struct code_object *code, size_t step);

#endif
