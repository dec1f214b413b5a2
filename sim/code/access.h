/* SPDX-License-Identifier: Apache-2.0
 *
 * The hooks that compilers call from instrumented code: those of ThreadSanitizer before each access of memory, those of
 * KCSAN, and that of -fsanitize-coverage=trace-pc in each basic block. Timed, an access takes what its cache line
 * takes, and each basic block `code_block` cycles. Explored, an access that can be observed is a step (races.h).
 */
#ifndef CODE_ACCESS_H
#define CODE_ACCESS_H

#include "code/code.h"
#include "code/races.h"

/* Ends with a NULL name. */
extern const struct code_import access_imports[];

/* An access of shared memory by an import, such as a bit operation, at `pc` in the code. */
void access_memory(const volatile void *address, size_t bytes, enum code_access access, bool is_step, const void *pc,
                   const void *frame);

#endif
