/* SPDX-License-Identifier: Apache-2.0
 *
 * Finds the calls of __sanitizer_cov_trace_pc in an object's instructions: direct calls of a PLT entry, or indirect
 * ones through the GOT. A sequence of bytes that only looks like such a call would need the distance to that very
 * entry.
 */
#include <stdlib.h>
#include <string.h>

#include "base/check.h"
#include "code/coverage.h"

#define GOT_SLOTS_MAX 8

struct slots {
    uint64_t addresses[GOT_SLOTS_MAX]; /* GOT entries that hold the function's address */
    size_t count;
};

static void read_relocations(const struct code_object *object, const Elf64_Shdr *section, struct slots *slots)
{
    const Elf64_Rela *rows = (const void *)(object->file + section->sh_offset);

    for (size_t i = 0; i < section->sh_size / sizeof(*rows); i++) {
        uint64_t type = ELF64_R_TYPE(rows[i].r_info), symbol = ELF64_R_SYM(rows[i].r_info);
        if ((type == R_X86_64_JUMP_SLOT || type == R_X86_64_GLOB_DAT) && symbol < object->symbol_count &&
            strcmp(object->symbol_names + object->symbols[symbol].st_name, "__sanitizer_cov_trace_pc") == 0 &&
            slots->count < GOT_SLOTS_MAX)
            slots->addresses[slots->count++] = rows[i].r_offset;
    }
}

static bool is_slot(const struct slots *slots, uint64_t address)
{
    for (size_t i = 0; i < slots->count; i++)
        if (slots->addresses[i] == address)
            return true;
    return false;
}

/* Instructions of one segment. */
struct text {
    const unsigned char *bytes;
    uint64_t address, size;
};

static uint64_t relative(const struct text *text, uint64_t at)
{
    int32_t distance;

    memcpy(&distance, text->bytes + at, sizeof(distance));
    return text->address + at + sizeof(distance) + (uint64_t)(int64_t)distance;
}

/* jmp *slot(%rip), which may follow endbr64 and a bnd prefix. */
static bool is_entry(const struct text *text, uint64_t address, const struct slots *slots)
{
    static const unsigned char endbr64[] = { 0xf3, 0x0f, 0x1e, 0xfa };
    uint64_t at = address - text->address;

    if (at >= text->size || text->size - at < 12)
        return false;
    if (memcmp(text->bytes + at, endbr64, sizeof(endbr64)) == 0)
        at += sizeof(endbr64);
    at += text->bytes[at] == 0xf2;
    return text->bytes[at] == 0xff && text->bytes[at + 1] == 0x25 && is_slot(slots, relative(text, at + 2));
}

/* The length of the call at `at`; 0: none. */
static size_t call_bytes(const struct text *text, uint64_t at, const struct slots *slots)
{
    const unsigned char *bytes = text->bytes + at;

    if (bytes[0] == 0xe8 && text->size - at >= 5 && is_entry(text, relative(text, at + 1), slots))
        return 5;
    if (bytes[0] == 0xff && text->size - at >= 6 && bytes[1] == 0x15 && is_slot(slots, relative(text, at + 2)))
        return 6;
    return 0;
}

struct coverage_site *coverage_sites(const struct code_object *object, size_t *count)
{
    struct slots slots = { .count = 0 };
    struct coverage_site *sites = malloc(object->text_bytes / 5 * sizeof(*sites) + sizeof(*sites));

    CHECK(sites != NULL);
    *count = 0;
    for (size_t i = 0; i < object->section_count; i++)
        if (object->sections[i].sh_type == SHT_RELA && (object->sections[i].sh_flags & SHF_ALLOC))
            read_relocations(object, &object->sections[i], &slots);
    for (size_t i = 0; i < object->segment_count; i++) {
        const Elf64_Phdr *segment = &object->segments[i];
        if (segment->p_type != PT_LOAD || (segment->p_flags & PF_X) == 0)
            continue;
        const struct text text = { object->file + segment->p_offset, segment->p_vaddr, segment->p_filesz };
        for (uint64_t at = 0; at < text.size;) {
            size_t bytes = call_bytes(&text, at, &slots);
            if (bytes > 0)
                sites[(*count)++] =
                    (struct coverage_site){ (uint32_t)(text.address + at), (uint32_t)(text.address + at + bytes) };
            at += bytes > 0 ? bytes : 1;
        }
    }
    return sites;
}
