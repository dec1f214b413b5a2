/* SPDX-License-Identifier: Apache-2.0
 *
 * Reads symbol tables.
 */
#define _GNU_SOURCE
#include "code/build/symbols.h"

#include <elf.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "base/check.h"

struct file {
    unsigned char *bytes;
    size_t size;
    const Elf64_Shdr *sections;
    size_t section_count;
};

static unsigned char *read_all(const char *path, size_t *size)
{
    FILE *stream = fopen(path, "rb");
    unsigned char *bytes = NULL;
    long end;

    if (!stream)
        return NULL;
    if (fseek(stream, 0, SEEK_END) == 0 && (end = ftell(stream)) > 0) {
        rewind(stream);
        bytes = malloc((size_t)end);
        CHECK(bytes != NULL);
        *size = fread(bytes, 1, (size_t)end, stream);
    }
    fclose(stream);
    return bytes;
}

static bool is_inside(const struct file *file, uint64_t offset, uint64_t bytes)
{
    return offset <= file->size && bytes <= file->size - offset;
}

static bool open_file(const char *path, struct file *file)
{
    const Elf64_Ehdr *header;

    file->bytes = read_all(path, &file->size);
    header = (const Elf64_Ehdr *)(const void *)file->bytes;
    if (!file->bytes || file->size < sizeof(*header) || memcmp(header->e_ident, ELFMAG, SELFMAG) != 0 ||
        header->e_ident[EI_CLASS] != ELFCLASS64 || header->e_shentsize != sizeof(Elf64_Shdr) ||
        !is_inside(file, header->e_shoff, (uint64_t)header->e_shnum * sizeof(Elf64_Shdr))) {
        free(file->bytes);
        return false;
    }
    file->sections = (const Elf64_Shdr *)(const void *)(file->bytes + header->e_shoff);
    file->section_count = header->e_shnum;
    return true;
}

static const Elf64_Shdr *find_section(const struct file *file, uint32_t type)
{
    for (size_t i = 0; i < file->section_count; i++)
        if (file->sections[i].sh_type == type &&
            is_inside(file, file->sections[i].sh_offset, file->sections[i].sh_size))
            return &file->sections[i];
    return NULL;
}

/* The name of the table's symbol if it is undefined and strong, otherwise NULL. */
static const char *undefined_name(const struct file *file, const Elf64_Shdr *table, size_t index)
{
    const Elf64_Sym *symbols = (const Elf64_Sym *)(const void *)(file->bytes + table->sh_offset);
    const Elf64_Shdr *names = table->sh_link < file->section_count ? &file->sections[table->sh_link] : NULL;
    const Elf64_Sym *symbol = &symbols[index];

    if (index >= table->sh_size / sizeof(*symbols) || !names || !is_inside(file, names->sh_offset, names->sh_size) ||
        symbol->st_name >= names->sh_size || symbol->st_shndx != SHN_UNDEF ||
        ELF64_ST_BIND(symbol->st_info) == STB_WEAK || symbol->st_name == 0)
        return NULL;
    return (const char *)file->bytes + names->sh_offset + symbol->st_name;
}

bool symbols_undefined(const char *path, struct words *names)
{
    const Elf64_Shdr *table;
    struct file file;

    if (!open_file(path, &file))
        return false;
    table = find_section(&file, SHT_DYNSYM);
    table = table ? table : find_section(&file, SHT_SYMTAB);
    for (size_t i = 1; table && i < table->sh_size / sizeof(Elf64_Sym); i++) {
        const char *name = undefined_name(&file, table, i);

        if (name)
            words_add(names, "%s", name);
    }
    free(file.bytes);
    return true;
}

bool symbols_undefined_data(const char *path, struct words *names)
{
    const Elf64_Shdr *table;
    struct file file;

    if (!open_file(path, &file))
        return false;
    table = find_section(&file, SHT_DYNSYM);
    for (size_t s = 0; table && s < file.section_count; s++) {
        const Elf64_Shdr *section = &file.sections[s];
        const Elf64_Rela *entries = (const Elf64_Rela *)(const void *)(file.bytes + section->sh_offset);

        if (section->sh_type != SHT_RELA || !is_inside(&file, section->sh_offset, section->sh_size))
            continue;
        for (size_t i = 0; i < section->sh_size / sizeof(*entries); i++) {
            uint64_t type = ELF64_R_TYPE(entries[i].r_info);
            const char *name = undefined_name(&file, table, ELF64_R_SYM(entries[i].r_info));

            if (name && type != R_X86_64_JUMP_SLOT)
                words_add(names, "%s", name);
        }
    }
    free(file.bytes);
    return true;
}
