/* SPDX-License-Identifier: Apache-2.0
 *
 * Formats notes and hands them to the reader of the trace.
 */
#include "machine/notes.h"

#include <stdarg.h>
#include <stdio.h>

void notes_add(const struct engine *engine, const struct cpu *cpu, const char *format, ...)
{
    const struct explored *explored = engine->explored;
    char text[160];
    va_list arguments;

    if (!notes_are_read(engine))
        return;
    va_start(arguments, format);
    (void)vsnprintf(text, sizeof(text), format, arguments);
    va_end(arguments);
    explored->note(explored->context, cpu, text);
}

void notes_access(const struct engine *engine, const struct cpu *cpu, const volatile void *address, size_t bytes,
                  const void *pc)
{
    const struct explored *explored = engine->explored;

    if (explored != NULL && explored->access != NULL)
        explored->access(explored->context, cpu, address, bytes, pc);
}
