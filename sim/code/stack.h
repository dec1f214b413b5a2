/* SPDX-License-Identifier: Apache-2.0
 *
 * The call stack of a code object's function, by its frame pointers.
 */
#ifndef CODE_STACK_H
#define CODE_STACK_H

#include <stddef.h>
#include <stdint.h>

/* In an import: the frame pointer of the code's function that has called it. That of the import itself would not do:
 * its frame is gone where its last call is a jump. */
#define CODE_STACK_FRAME (*(const void *const *)__builtin_frame_address(0))

/* Fills `pcs` with the return addresses from `pc` outwards, as offsets in the image of the running code; stops at the
 * first one outside of it. `frame` is the accessing function's frame pointer. The rest of `pcs` is 0. */
void code_stack(const void *pc, const void *frame, uint32_t *pcs, size_t count);

#endif
