/* SPDX-License-Identifier: Apache-2.0
 *
 * The allocations, in ascending order because the arena only grows.
 */
#include "plain/names.h"

#include <stdlib.h>

#include "base/check.h"

enum { OBJECTS_MAX = 20000 };

static struct plain_object objects[OBJECTS_MAX];
static size_t object_count;

void *plain_alloc(struct arena *arena, size_t element_bytes, size_t count, size_t align, const char *type,
                  const char *function)
{
    void *start = arena_alloc(arena, element_bytes * count, align);

    CHECK(object_count < OBJECTS_MAX);
    objects[object_count++] = (struct plain_object){ start, type, function, element_bytes, count };
    return start;
}

const struct plain_object *plain_objects(size_t *count)
{
    *count = object_count;
    return objects;
}

void plain_objects_clear(void) { object_count = 0; }

const struct plain_object *plain_object_at(const void *address)
{
    size_t from = 0, to = object_count;

    while (from < to) {
        size_t middle = from + (to - from) / 2;
        if (objects[middle].start <= (const char *)address)
            from = middle + 1;
        else
            to = middle;
    }
    if (from == 0 ||
        (const char *)address >= objects[from - 1].start + objects[from - 1].element_bytes * objects[from - 1].count)
        return NULL;
    return &objects[from - 1];
}
