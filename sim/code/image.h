/* SPDX-License-Identifier: Apache-2.0
 *
 * The image of a code object: its segments at an address of the arena, relocated, its text executable. A name that no
 * table of imports has gets a stub.
 */
#ifndef CODE_IMAGE_H
#define CODE_IMAGE_H

#include "code/code.h"

/* Memory in front of the image for stubs and for ways in, a multiple of a page. */
#define IMAGE_STUB_BYTES ((size_t)16384)

/* Copies and relocates the object to code->image, which is zeroed, at a page boundary, and has IMAGE_STUB_BYTES in
 * front of it; makes stubs and text read-only and executable. False with a message when the object has a relocation
 * that `irqpath build` does not make, or too many unknown names. */
bool image_load(struct code *code, const struct code_import *const *imports, char *message, size_t message_bytes);

/* A way into the code: a function that calls the one at `function` with cleared callee-saved registers. What functions
 * of the code save of them would otherwise be what the model last had there, which is not a function of the explored
 * state.
 */
void *image_way_in(struct code *code, void *function);

/* The address of the name in tables that end with NULL, each with a NULL name; NULL: none has it. */
void *image_find_import(const struct code_import *const *tables, const char *name);

#endif
