/* SPDX-License-Identifier: Apache-2.0
 *
 * A BUG() or ASSERT of the modelled hypervisor: the machine has crashed. Explored, that is a violation, of the
 * kind that the text begins with ("null-domain: ..."), or else modelled-bug. A timed run can't go on from there
 * and ends as from a failed CHECK, with the cycle and the CPU.
 */
#include <string.h>

#include "machine/choice.h"
#include "models/model.h"

static enum violation_kind kind_of(const char *text, size_t *prefix_bytes)
{
    for (enum violation_kind kind = 1; kind < VIOLATION_COUNT; kind++) {
        size_t bytes = strlen(violation_name(kind));
        if (strncmp(text, violation_name(kind), bytes) == 0 && strncmp(text + bytes, ": ", 2) == 0) {
            *prefix_bytes = bytes + 2;
            return kind;
        }
    }
    *prefix_bytes = 0;
    return VIOLATION_MODELLED_BUG;
}

_Noreturn void model_bug(struct cpu *cpu, const char *text)
{
    size_t prefix_bytes;

    if (!cpu->is_explored)
        check_failed("the modelled hypervisor crashes on CPU", (int)cpu->id, text);
    enum violation_kind kind = kind_of(text, &prefix_bytes);
    model_violation(cpu, kind, text + prefix_bytes);
}
