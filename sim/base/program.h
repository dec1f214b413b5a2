/* SPDX-License-Identifier: Apache-2.0
 *
 * How this program was called, for the commands that it prints: they work where they are pasted. Which build it is.
 */
#ifndef BASE_PROGRAM_H
#define BASE_PROGRAM_H

/* Says the name that the program was called by (argv[0]), before any thread is started. */
void program_called(const char *name);

/* Returns it as a shell takes it: "build/irqpath", "'/my tools/irqpath'"; "irqpath" where program_called was not
 * called, or for a name that is too long. */
const char *program_call(void);

/* Writes the build ID that the linker gave this program, in hexadecimal, and returns it; "" when it has none. */
#define PROGRAM_BUILD_ID_BYTES 65
const char *program_build_id(char id[PROGRAM_BUILD_ID_BYTES]);

#endif
