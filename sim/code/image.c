/* SPDX-License-Identifier: Apache-2.0
 *
 * Copies segments, resolves names and applies relocations. The object's file has been checked (object.c), except for
 * its relocations, which are checked here.
 */
#include "code/image.h"

#include <stdio.h>
#include <string.h>
#include <sys/mman.h>

#include "code/running.h"

/* mov $name, %rdi; mov $stub_reached, %rax; jmp *%rax; padded. */
#define STUB_BYTES 24

/* Returns to what has called the stub, unless it was jumped to from a function that the model has called. */
static _Noreturn void stub_reached(const char *name)
{
    const char *pc = __builtin_return_address(0);
    const struct code *code = code_current();
    char text[VIOLATION_TEXT_BYTES];

    (void)snprintf(text, sizeof(text), "the code uses '%s', which irqpath does not have: it stops here", name);
    code_bug((size_t)(pc - code->image) < code->object->text_bytes ? pc : NULL, VIOLATION_MODELLED_BUG, text);
}

static void protect(void *page, size_t bytes, int protection)
{
    CHECK_SYSTEM(mprotect(page, bytes, protection) == 0, "the pages of a code object cannot be protected");
}

/* Room for a stub of so many bytes; NULL: there is none. */
static unsigned char *stub_room(struct code *code, size_t bytes)
{
    unsigned char *room = (unsigned char *)code->image - IMAGE_STUB_BYTES + code->stub_bytes;

    if (code->stub_bytes + bytes > IMAGE_STUB_BYTES)
        return NULL;
    code->stub_bytes += bytes;
    return room;
}

/* NULL: there is no room for another stub. */
static void *stub_new(struct code *code, const char *name)
{
    unsigned char *stub = stub_room(code, STUB_BYTES);
    void (*reached)(const char *) = stub_reached;

    if (stub == NULL)
        return NULL;
    memcpy(stub, "\x48\xbf", 2);
    memcpy(stub + 2, &name, 8);
    memcpy(stub + 10, "\x48\xb8", 2);
    memcpy(stub + 12, &reached, 8);
    memcpy(stub + 20, "\xff\xe0", 2);
    return stub;
}

void *image_find_import(const struct code_import *const *tables, const char *name)
{
    for (; *tables != NULL; tables++)
        for (const struct code_import *import = *tables; import->name != NULL; import++)
            if (strcmp(import->name, name) == 0)
                return import->address;
    return NULL;
}

/* The address of a symbol; false: there is no room for a stub. A weak name that nobody has is NULL. */
static bool resolve(struct code *code, const Elf64_Sym *symbol, const struct code_import *const *imports,
                    char **address)
{
    const char *name = code->object->symbol_names + symbol->st_name;

    if (symbol->st_shndx != SHN_UNDEF) {
        *address = code->image + symbol->st_value;
        return true;
    }
    *address = image_find_import(imports, name);
    if (*address != NULL || ELF64_ST_BIND(symbol->st_info) == STB_WEAK)
        return true;
    *address = stub_new(code, name);
    return *address != NULL;
}

static bool relocate(struct code *code, const Elf64_Rela *entry, const struct code_import *const *imports)
{
    const struct code_object *object = code->object;
    size_t symbol = ELF64_R_SYM(entry->r_info);
    char *value;

    if (entry->r_offset < object->text_bytes || entry->r_offset > object->image_bytes - sizeof(value) ||
        symbol >= object->symbol_count)
        return false;
    switch (ELF64_R_TYPE(entry->r_info)) {
    case R_X86_64_RELATIVE:
        value = code->image + entry->r_addend;
        break;
    case R_X86_64_GLOB_DAT:
    case R_X86_64_JUMP_SLOT:
        if (!resolve(code, &object->symbols[symbol], imports, &value))
            return false;
        break;
    case R_X86_64_64:
        if (!resolve(code, &object->symbols[symbol], imports, &value))
            return false;
        value += entry->r_addend;
        break;
    default:
        return false;
    }
    memcpy(code->image + entry->r_offset, &value, sizeof(value));
    return true;
}

static bool relocate_all(struct code *code, const struct code_import *const *imports, char *message,
                         size_t message_bytes)
{
    const struct code_object *object = code->object;

    for (size_t i = 0; i < object->section_count; i++) {
        const Elf64_Shdr *section = &object->sections[i];
        if (section->sh_type != SHT_RELA || !(section->sh_flags & SHF_ALLOC))
            continue;
        const Elf64_Rela *entries = (const void *)(object->file + section->sh_offset);
        for (size_t j = 0; j < section->sh_size / sizeof(*entries); j++)
            if (!relocate(code, &entries[j], imports)) {
                (void)snprintf(message, message_bytes, "%s: relocation %zu of section %zu cannot be made", object->path,
                               j, i);
                return false;
            }
    }
    return true;
}

static unsigned char *append(unsigned char *at, const void *bytes, size_t count)
{
    memcpy(at, bytes, count);
    return at + count;
}

/* Where a function of the code has returned to the model: spends what its last basic blocks take. */
static void code_returned(void) { code_settle(code_running.code, code_running.cpu); }

void *image_way_in(struct code *code, void *function)
{
    /* push of rbx, rbp, r12 to r15; sub $8, %rsp; their xor; mov $function, %rax. */
    static const unsigned char before[] = { 0x53, 0x55, 0x41, 0x54, 0x41, 0x55, 0x41, 0x56, 0x41, 0x57, 0x48,
                                            0x83, 0xec, 0x08, 0x31, 0xdb, 0x31, 0xed, 0x45, 0x31, 0xe4, 0x45,
                                            0x31, 0xed, 0x45, 0x31, 0xf6, 0x45, 0x31, 0xff, 0x48, 0xb8 };
    /* call *%rax; push of rax and rdx; mov $returned, %rax. */
    static const unsigned char between[] = { 0xff, 0xd0, 0x50, 0x52, 0x48, 0xb8 };
    /* call *%rax; pop of rdx and rax; and back. */
    static const unsigned char after[] = { 0xff, 0xd0, 0x5a, 0x58, 0x48, 0x83, 0xc4, 0x08, 0x41, 0x5f,
                                           0x41, 0x5e, 0x41, 0x5d, 0x41, 0x5c, 0x5d, 0x5b, 0xc3 };
    void (*returned)(void) = code_returned;
    size_t bytes = sizeof(before) + sizeof(function) + sizeof(between) + sizeof(returned) + sizeof(after);
    char *page = code->image - IMAGE_STUB_BYTES;

    if (function == NULL)
        return NULL;
    protect(page, IMAGE_STUB_BYTES, PROT_READ | PROT_WRITE);
    unsigned char *way = stub_room(code, (bytes + 15) / 16 * 16);
    CHECK(way != NULL);
    unsigned char *at = way;
    at = append(at, before, sizeof(before));
    at = append(at, &function, sizeof(function));
    at = append(at, between, sizeof(between));
    at = append(at, &returned, sizeof(returned));
    (void)append(at, after, sizeof(after));
    protect(page, IMAGE_STUB_BYTES, PROT_READ | PROT_EXEC);
    return way;
}

bool image_load(struct code *code, const struct code_import *const *imports, char *message, size_t message_bytes)
{
    const struct code_object *object = code->object;

    for (size_t i = 0; i < object->segment_count; i++) {
        const Elf64_Phdr *segment = &object->segments[i];
        if (segment->p_type == PT_LOAD)
            memcpy(code->image + segment->p_vaddr, object->file + segment->p_offset, segment->p_filesz);
    }
    if (!relocate_all(code, imports, message, message_bytes))
        return false;
    protect(code->image - IMAGE_STUB_BYTES, IMAGE_STUB_BYTES + object->text_bytes, PROT_READ | PROT_EXEC);
    return true;
}
