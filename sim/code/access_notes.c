/* SPDX-License-Identifier: Apache-2.0
 *
 * Formats accesses of a code object for a trace.
 */
#include "code/access_notes.h"

#include <string.h>

#include "code/debugger.h"
#include "code/describe.h"
#include "code/running.h"
#include "machine/notes.h"

const char *access_name(enum code_access access)
{
    static const char *const names[] = { [CODE_READ] = "read", [CODE_WRITE] = "write", [CODE_RMW] = "rmw" };

    return names[access];
}

void access_note(const struct code *code, const struct cpu *cpu, const volatile void *address, size_t bytes,
                 enum code_access access, const void *pc)
{
    char place[80], what[80], read[80];

    if (!notes_are_read(cpu->engine))
        return;
    debugger_access(pc);
    describe_place(code, pc, place, sizeof(place));
    describe_memory(code, address, what, sizeof(what));
    if (bytes <= 8)
        notes_access(cpu->engine, cpu, address, bytes, pc);
    if (access == CODE_READ && bytes <= 8) {
        uint64_t value = 0;
        memcpy(&value, (const void *)address, bytes);
        describe_value(code, value, read, sizeof(read));
        notes_add(cpu->engine, cpu, "%s read %s = %s", place, what, read);
    } else if (access == CODE_RMW) {
        code_running.note_pc = pc; /* the values come later */
        code_running.note_address = address;
    } else {
        notes_add(cpu->engine, cpu, "%s %s %s", place, access_name(access), what);
    }
}

unsigned long access_note_rmw(unsigned long old, unsigned long value, unsigned bytes)
{
    struct running *running = &code_running;
    char place[80], what[80], before[80], after[80];

    if (bytes < sizeof(value))
        value &= (1ul << 8 * bytes) - 1;
    describe_place(running->code, running->note_pc, place, sizeof(place));
    describe_memory(running->code, running->note_address, what, sizeof(what));
    describe_value(running->code, old, before, sizeof(before));
    describe_value(running->code, value, after, sizeof(after));
    notes_add(running->cpu->engine, running->cpu, "%s rmw %s: %s -> %s", place, what, before, after);
    running->note_pc = NULL;
    return old;
}

void access_note_rmw_to_come(void)
{
    struct running *running = &code_running;
    char place[80], what[80];

    describe_place(running->code, running->note_pc, place, sizeof(place));
    describe_memory(running->code, running->note_address, what, sizeof(what));
    notes_add(running->cpu->engine, running->cpu, "%s rmw %s", place, what);
    running->note_pc = NULL;
}
