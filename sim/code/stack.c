/* SPDX-License-Identifier: Apache-2.0
 *
 * Code objects are compiled with frame pointers.
 */
#include "code/stack.h"

#include <string.h>

#include "code/running.h"

static size_t offset_of(const struct code *code, const void *pc) { return (size_t)((const char *)pc - code->image); }

void code_stack(const void *pc, const void *frame, uint32_t *pcs, size_t count)
{
    const struct code *code = code_running.code;
    const struct actor *actor = code->machine->engine->running;
    const char *bottom = actor->stack, *top = actor->stack + actor->stack_bytes - 2 * sizeof(void *);
    size_t depth = 0;

    memset(pcs, 0, count * sizeof(*pcs));
    while (depth < count && offset_of(code, pc) < code->object->text_bytes) {
        const void *const *link = frame;
        pcs[depth++] = (uint32_t)offset_of(code, pc);
        if ((const char *)frame < bottom || (const char *)frame > top)
            return;
        bottom = (const char *)frame + 1;
        frame = link[0];
        pc = link[1];
    }
}
