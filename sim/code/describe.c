/* SPDX-License-Identifier: Apache-2.0
 *
 * Places as offsets in the image, memory by the names of objects.
 */
#include "code/describe.h"

#include <stdio.h>

#include "code/code.h"

void describe_place(const struct code *code, const void *pc, char *text, size_t text_bytes)
{
    (void)snprintf(text, text_bytes, "code+0x%zx", (size_t)((const char *)pc - code->image));
}

void describe_memory(const struct code *code, const volatile void *address, char *text, size_t text_bytes)
{
    size_t offset = (size_t)((const volatile char *)address - code->machine->arena->base);

    for (size_t i = 0; i < code->name_count; i++) {
        const struct code_name *name = &code->names[i];
        if (offset - name->offset < name->bytes) {
            (void)snprintf(text, text_bytes, "%s+%zu", name->name[0] != '\0' ? name->name : name->type,
                           offset - name->offset);
            return;
        }
    }
    (void)snprintf(text, text_bytes, "memory+0x%zx", (size_t)((const volatile char *)address - code->shared));
}
