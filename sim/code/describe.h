/* SPDX-License-Identifier: Apache-2.0
 *
 * Text for traces and messages about a code object's code and memory, from its debug information, which is read when it
 * is first asked for. These functions may be called on a simulated CPU, whose stack is small, and by several threads.
 */
#ifndef CODE_DESCRIBE_H
#define CODE_DESCRIBE_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

struct code;
struct code_object;
struct code_source;
struct describer;

/* "hvm.c:781", or an offset where the object has no debug information. Of functions inlined in each other, it is the
 * innermost place in the files that the object was built for; if there is none, the innermost one. `pc` is a return
 * address or that of an instruction in the image. */
void describe_place(const struct code *code, const void *pc, char *text, size_t text_bytes);

/* The offset in the image by which the place of `pc`, as above, is looked up (source.h). */
size_t describe_offset(const struct code *code, const void *pc);

/* The innermost place in the files that the object was built for on the stack of the code's function that has called an
 * import: `pc` is its return address, `frame` its caller's frame pointer (CODE_STACK_FRAME). Returns an address in the
 * image that belongs to the place; NULL: none near. */
const void *describe_caller(const struct code *code, const void *pc, const void *frame, char *text, size_t text_bytes);

/* "pirq0->arch.hvm.dpci.state", "tasklet_lock", "cpu1.tasklet_list.next", or an address where nothing is known. Memory
 * of the heap is known by its names (code_name); one without a type, whose size is that of a section "*percpu*" of the
 * object, is a CPU's copy of that section. */
void describe_memory(const struct code *code, const volatile void *address, char *text, size_t text_bytes);

/* What was read from memory: "&pirq0->list" for a pointer into the arena, otherwise the number in hexadecimal. */
void describe_value(const struct code *code, uint64_t value, char *text, size_t text_bytes);

/* The object's reader; NULL: it has no debug information. Not for simulated CPUs, and not while simulations run in
 * other threads. Owned by the object. */
struct code_source *describe_source(const struct code_object *object);

/* For object.c. */
struct describer *describer_new(const struct code_object *object);
void describer_free(struct describer *describer);

#endif
