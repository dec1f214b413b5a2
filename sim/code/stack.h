/* SPDX-License-Identifier: Apache-2.0
 *
 * The call stack of a code object's function, by its frame pointers.
 */
#ifndef CODE_STACK_H
#define CODE_STACK_H

#include <stddef.h>
#include <stdint.h>

/* Fills `pcs` with the return addresses from `pc` outwards, as offsets in the image of the running code; stops at the
 * first one outside of it. `frame` is the accessing function's frame pointer. The rest of `pcs` is 0. */
void code_stack(const void *pc, const void *frame, uint32_t *pcs, size_t count);

#endif
