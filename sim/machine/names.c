/* SPDX-License-Identifier: Apache-2.0
 *
 * The list of named words, on the heap and not in the arena: it is no part of the explored state.
 */
#include "machine/names.h"

#include <stdlib.h>

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
    explored->names[explored->name_count++] = (struct word_name){ word, name, holder };
}

const struct word_name *names_find(const struct explored *explored, const struct word *word)
{
    for (size_t i = 0; i < explored->name_count; i++)
        if (explored->names[i].word == word)
            return &explored->names[i];
    return NULL;
}

void names_free(struct explored *explored)
{
    free(explored->names);
    explored->names = NULL;
    explored->name_count = 0;
}
