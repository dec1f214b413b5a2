/* SPDX-License-Identifier: Apache-2.0
 *
 * What a code object's debug information says (DWARF, read by libdw): the place in the source of an address, the name of
 * a variable, the member at an offset of a type. One reader for each object and process; not thread-safe.
 */
#ifndef CODE_SOURCE_H
#define CODE_SOURCE_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "code/object.h"

struct code_source;

struct code_place {
    const char *file; /* as the compiler was told, relative to the tree: xen/common/tasklet.c; owned by the source */
    const char *function;
    unsigned line;
};

/* NULL when the object has no debug information. */
struct code_source *code_source_open(const struct code_object *object);
void code_source_close(struct code_source *source);

/* The innermost place (inlined functions resolved) of the code at `offset` in the image. False: unknown. */
bool code_source_place(struct code_source *source, size_t offset, struct code_place *place);

/* "tasklet_lock", "tasklet_list.next": the variable, and its member, at an offset in the image. False: none. */
bool code_source_variable(struct code_source *source, size_t offset, char *text, size_t text_bytes);

/* "arch.hvm.dpci.state": the member of `type` ("struct pirq") at an offset. False: unknown. */
bool code_source_member(struct code_source *source, const char *type, size_t offset, char *text, size_t text_bytes);

#endif
