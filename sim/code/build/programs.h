/* SPDX-License-Identifier: Apache-2.0
 *
 * Programs that a build runs: compilers, the linker, git.
 */
#ifndef CODE_BUILD_PROGRAMS_H
#define CODE_BUILD_PROGRAMS_H

#include <stdbool.h>
#include <stddef.h>

#include "code/build/words.h"

struct program {
    struct words arguments; /* the first is the program, found in PATH */
    const char *directory;  /* where it runs; NULL: here */
    char *output;           /* of stdout and stderr; owned */
    int status;             /* exit status; 127: could not be started; 128 + the signal that has ended it */
};

/* Runs all of them, at most `at_once` (0: one per CPU) at a time, and fills output and status. */
void programs_run(struct program *programs, size_t count, size_t at_once);
/* Frees arguments and output. */
void program_free(struct program *program);

#endif
