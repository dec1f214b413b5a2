/* SPDX-License-Identifier: Apache-2.0
 *
 * Text for traces and messages about a code object's code and memory.
 */
#ifndef CODE_DESCRIBE_H
#define CODE_DESCRIBE_H

#include <stddef.h>

struct code;

/* "hvm.c:781", or an offset where the object has no debug information. `pc` is a return address or that of an
 * instruction in the image. */
void describe_place(const struct code *code, const void *pc, char *text, size_t text_bytes);

/* "pirq0->arch.hvm.dpci.state", "tasklet_lock", or an address where nothing is known. */
void describe_memory(const struct code *code, const volatile void *address, char *text, size_t text_bytes);

#endif
