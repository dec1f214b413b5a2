/* SPDX-License-Identifier: Apache-2.0
 *
 * Compares the sections that are loaded, and the segments that say where.
 */
#include "code/same_code.h"

#include <string.h>

static const char *name_of(const struct code_object *object, const Elf64_Shdr *section)
{
    return object->section_names + section->sh_name;
}

static bool is_told_apart(const char *name)
{
    return strcmp(name, ".irqpath") != 0 && strcmp(name, ".note.gnu.build-id") != 0;
}

/* The next section that is loaded, from an index on; its index, or section_count. */
static size_t next_loaded(const struct code_object *object, size_t from)
{
    while (from < object->section_count && !(object->sections[from].sh_flags & SHF_ALLOC))
        from++;
    return from;
}

static bool is_same_section(const struct code_object *left, const Elf64_Shdr *a, const struct code_object *right,
                            const Elf64_Shdr *b)
{
    if (strcmp(name_of(left, a), name_of(right, b)) != 0)
        return false;
    if (!is_told_apart(name_of(left, a)))
        return true;
    return a->sh_type == b->sh_type && a->sh_addr == b->sh_addr && a->sh_size == b->sh_size &&
           a->sh_flags == b->sh_flags &&
           (a->sh_type == SHT_NOBITS || memcmp(left->file + a->sh_offset, right->file + b->sh_offset, a->sh_size) == 0);
}

bool code_object_is_same(const struct code_object *left, const struct code_object *right)
{
    size_t a = next_loaded(left, 0), b = next_loaded(right, 0);

    while (a < left->section_count && b < right->section_count &&
           is_same_section(left, &left->sections[a], right, &right->sections[b])) {
        a = next_loaded(left, a + 1);
        b = next_loaded(right, b + 1);
    }
    return a == left->section_count && b == right->section_count && left->image_bytes == right->image_bytes &&
           left->text_bytes == right->text_bytes;
}
