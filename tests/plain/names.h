/* SPDX-License-Identifier: Apache-2.0
 *
 * Names the memory that the models allocate. Each source of the instrumented build includes this file first
 * (CMakeLists.txt), so that ARENA_NEW and ARENA_ARRAY keep the type.
 */
#ifndef PLAIN_NAMES_H
#define PLAIN_NAMES_H

#include <stddef.h>

#include "base/arena.h"

void *plain_alloc(struct arena *arena, size_t element_bytes, size_t count, size_t align, const char *type,
                  const char *function);

#undef ARENA_NEW
#undef ARENA_ARRAY
#define ARENA_NEW(arena, type) ((type *)plain_alloc((arena), sizeof(type), 1, _Alignof(type), #type, __func__))
#define ARENA_ARRAY(arena, type, count) \
    ((type *)plain_alloc((arena), sizeof(type), (count), _Alignof(type), #type, __func__))

/* An allocation; the address is in the arena. */
struct plain_object {
    const char *start, *type; /* type: "struct pirq" */
    const char *function;     /* that has allocated it */
    size_t element_bytes, count;
};

/* Those since the last plain_objects_clear, in ascending order. */
const struct plain_object *plain_objects(size_t *count);
void plain_objects_clear(void);
/* NULL: the address is in none of them. */
const struct plain_object *plain_object_at(const void *address);

#endif
