/* SPDX-License-Identifier: Apache-2.0
 *
 * Compares races by texts without lines and numbers of objects.
 */
#define _GNU_SOURCE
#include "compare/race_difference.h"

#include <ctype.h>
#include <stdbool.h>
#include <string.h>

#define KEY_BYTES 320

/* "hvm.c:781 hvm_dirq_assist" without ":781". */
static void add_side(char *key, const struct race_side *side)
{
    const char *colon = strchr(side->place, ':'), *rest = colon != NULL ? strchr(colon, ' ') : NULL;
    size_t used = strlen(key);

    (void)snprintf(key + used, KEY_BYTES - used, "%s %.*s%s; ", race_side_access(side),
                   colon != NULL ? (int)(colon - side->place) : (int)strlen(side->place), side->place,
                   rest != NULL ? rest : "");
}

/* "pirq0->arch.hvm.dpci.state" without the numbers of objects and without addresses. */
static void add_memory(char *key, const char *memory)
{
    size_t used = strlen(key);

    for (; *memory != '\0' && used + 1 < KEY_BYTES; memory++) {
        if (memory[0] == '0' && memory[1] == 'x')
            while (isxdigit((unsigned char)memory[2]))
                memory++;
        else if (!isdigit((unsigned char)*memory))
            key[used++] = *memory;
    }
    key[used] = '\0';
}

/* The sides in a fixed order, as which of them is the first depends on addresses. */
static void make_key(const struct race_entry *entry, size_t memory, char key[KEY_BYTES])
{
    char sides[2][KEY_BYTES] = { "", "" };

    add_side(sides[0], &entry->sides[0]);
    add_side(sides[1], &entry->sides[1]);
    bool is_swapped = strcmp(sides[0], sides[1]) > 0;
    (void)snprintf(key, KEY_BYTES, "%.150s%.150s", sides[is_swapped], sides[!is_swapped]);
    add_memory(key, entry->memory[memory]);
}

static bool has_key(const struct race_list *list, const char *wanted)
{
    char key[KEY_BYTES];

    for (size_t i = 0; i < list->count; i++)
        for (size_t j = 0; j < list->entries[i].memory_count; j++) {
            make_key(&list->entries[i], j, key);
            if (strcmp(key, wanted) == 0)
                return true;
        }
    return false;
}

/* Whether an earlier entry of the list has the key. */
static bool is_repeated(const struct race_list *list, size_t entry, const char *key)
{
    struct race_list before = *list;

    before.count = entry;
    return has_key(&before, key);
}

size_t race_difference(const struct race_list *list, const struct race_list *other, const char *label, FILE *stream)
{
    size_t count = 0;
    char key[KEY_BYTES];

    for (size_t i = 0; i < list->count; i++) {
        const struct race_entry *entry = &list->entries[i];
        for (size_t j = 0; j < entry->memory_count; j++) {
            make_key(entry, j, key);
            if (has_key(other, key) || is_repeated(list, i, key))
                continue;
            count++;
            if (stream != NULL)
                fprintf(stream, "%s%s, %s: %s by %s, %s by %s\n", label, entry->memory[j],
                        entry->is_interrupt ? "a handler and what it interrupts" : "two CPUs",
                        race_side_access(&entry->sides[0]), entry->sides[0].place, race_side_access(&entry->sides[1]),
                        entry->sides[1].place);
            break;
        }
    }
    return count;
}
