/* SPDX-License-Identifier: Apache-2.0
 *
 * What a code object's debug information says (DWARF, read by libdw): the place in the source of an address, the name
 * of a variable, the member at an offset of a type. One reader for each object and process; not thread-safe.
 */
#ifndef CODE_SOURCE_H
#define CODE_SOURCE_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>

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

struct code_frame {
    struct code_place place;
    bool is_inlined; /* the place belongs to an inlined call; the next frame holds the call */
};
/* The places of the code at `offset`, innermost first: inlined calls and the function around them. Returns how many of
 * at most `room`; 0: unknown. */
size_t code_source_frames(struct code_source *source, size_t offset, struct code_frame *frames, size_t room);

/* Of functions inlined in each other, the innermost place in the files that the object was built for; if there is none,
 * the innermost one. False: unknown. */
bool code_source_user_place(struct code_source *source, size_t offset, struct code_place *place);
/* Whether `file`, as in a place, is one of the files that the object was built for. */
bool code_source_is_user_file(const struct code_source *source, const char *file);

/* Prints a line for each frame of a stack of return addresses, innermost first, without irqpath's glue around the code.
 * source NULL: prints the offsets. */
void code_print_stack(struct code_source *source, const uint32_t *pcs, size_t count, FILE *stream);

/* "tasklet_lock", "tasklet_list.next": the variable, and its member, at an offset in the image. False: none. */
bool code_source_variable(struct code_source *source, size_t offset, char *text, size_t text_bytes);

/* "arch.hvm.dpci.state", "list[2].next", "count+2" (inside of a scalar): the member of `type` ("struct pirq") at an
 * offset; "" for offset 0 of a scalar. False: unknown, or a gap between members. */
bool code_source_member(struct code_source *source, const char *type, size_t offset, char *text, size_t text_bytes);

#endif
