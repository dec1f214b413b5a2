/* SPDX-License-Identifier: Apache-2.0
 *
 * The list of named words, on the heap and not in the arena: it is no part of the explored state.
 */
#include "machine/names.h"

#include <inttypes.h>
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "base/check.h"
#include "machine/explored.h"
#include "machine/machine.h"

void names_add(struct machine *machine, const struct word *word, const char *name, const uint32_t *holder)
{
    struct explored *explored = machine->engine->explored;

    if (explored == NULL)
        return;
    explored->names = realloc(explored->names, (explored->name_count + 1) * sizeof(*explored->names));
    CHECK(explored->names != NULL);
    explored->names[explored->name_count++] = (struct word_name){ word, name, holder, "" };
}

void names_add_of(struct machine *machine, const struct word *word, const char *name, const char *format, ...)
{
    struct explored *explored = machine->engine->explored;
    va_list arguments;

    if (explored == NULL)
        return;
    names_add(machine, word, name, NULL);
    struct word_name *added = &explored->names[explored->name_count - 1];
    va_start(arguments, format);
    (void)vsnprintf(added->owner, sizeof(added->owner), format, arguments);
    va_end(arguments);
}

const struct word_name *names_find(const struct explored *explored, const struct word *word)
{
    for (size_t i = 0; i < explored->name_count; i++)
        if (explored->names[i].word == word)
            return &explored->names[i];
    return NULL;
}

const char *names_text(const struct explored *explored, const struct word_name *name, char text[NAMES_TEXT_BYTES])
{
    uint32_t of_name = 0, of_owner = 0, before = 0;

    for (size_t i = 0; i < explored->name_count; i++) {
        const struct word_name *other = &explored->names[i];
        if (strcmp(other->name, name->name) != 0)
            continue;
        bool is_same = strcmp(other->owner, name->owner) == 0;
        of_name++;
        of_owner += is_same;
        before += is_same && other < name;
    }
    char number[16] = "";
    if (of_owner > 1)
        (void)snprintf(number, sizeof(number), "[%" PRIu32 "]", before);
    (void)snprintf(text, NAMES_TEXT_BYTES, "%.50s%s%s%s", name->name, number,
                   of_name > of_owner && name->owner[0] != '\0' ? " of " : "", of_name > of_owner ? name->owner : "");
    return text;
}

void names_free(struct explored *explored)
{
    free(explored->names);
    explored->names = NULL;
    explored->name_count = 0;
}
