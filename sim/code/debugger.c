/* SPDX-License-Identifier: Apache-2.0
 *
 * A copy of the object's file is registered whose addresses are those of the image: of sections, symbols, and in the
 * debug information of what a relocation names as the address of something in memory.
 */
#include "code/debugger.h"

#include <pthread.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "base/check.h"

/* --- the interface, whose names and layouts debuggers know --- */

struct jit_code_entry {
    struct jit_code_entry *next_entry, *prev_entry;
    const unsigned char *symfile_addr;
    uint64_t symfile_size;
};

enum jit_action { JIT_NOACTION, JIT_REGISTER_FN, JIT_UNREGISTER_FN };

struct jit_descriptor {
    uint32_t version, action_flag;
    struct jit_code_entry *relevant_entry, *first_entry;
};

// NOLINTBEGIN(bugprone-reserved-identifier)
void __jit_debug_register_code(void);
__attribute__((noinline, used)) void __jit_debug_register_code(void) { __asm__ volatile("" ::: "memory"); }
__attribute__((used)) struct jit_descriptor __jit_debug_descriptor = { 1, JIT_NOACTION, NULL, NULL };
// NOLINTEND(bugprone-reserved-identifier)

/* --- the copy --- */

static bool is_in_memory(const struct code_object *object, size_t section)
{
    return section < object->section_count && (object->sections[section].sh_flags & SHF_ALLOC) != 0;
}

static void move_symbols(const struct code_object *object, const Elf64_Shdr *section, Elf64_Sym *symbols, uint64_t by)
{
    for (size_t i = 0; i < section->sh_size / sizeof(*symbols); i++)
        if (is_in_memory(object, symbols[i].st_shndx) && ELF64_ST_TYPE(symbols[i].st_info) != STT_TLS)
            symbols[i].st_value += by;
}

/* The linker has applied the relocations for an image at 0. */
static void move_addresses(const struct code_object *object, const Elf64_Shdr *section, unsigned char *copy,
                           uint64_t by)
{
    const Elf64_Rela *rows = (const void *)(object->file + section->sh_offset);
    const Elf64_Shdr *target = section->sh_info < object->section_count ? &object->sections[section->sh_info] : NULL;
    const Elf64_Shdr *table = section->sh_link < object->section_count ? &object->sections[section->sh_link] : NULL;

    if (target == NULL || table == NULL || (target->sh_flags & SHF_ALLOC) || target->sh_type == SHT_NOBITS ||
        table->sh_type != SHT_SYMTAB)
        return;
    const Elf64_Sym *symbols = (const void *)(object->file + table->sh_offset);
    for (size_t i = 0; i < section->sh_size / sizeof(*rows); i++) {
        size_t symbol = ELF64_R_SYM(rows[i].r_info);
        uint64_t value;
        if (ELF64_R_TYPE(rows[i].r_info) != R_X86_64_64 || symbol >= table->sh_size / sizeof(*symbols) ||
            !is_in_memory(object, symbols[symbol].st_shndx) || target->sh_size < sizeof(value) ||
            rows[i].r_offset > target->sh_size - sizeof(value))
            continue;
        memcpy(&value, copy + target->sh_offset + rows[i].r_offset, sizeof(value));
        value += by;
        memcpy(copy + target->sh_offset + rows[i].r_offset, &value, sizeof(value));
    }
}

unsigned char *debugger_move(const struct code_object *object, const char *image)
{
    uint64_t by = (uintptr_t)image;
    unsigned char *copy = malloc(object->bytes);

    CHECK(copy != NULL);
    memcpy(copy, object->file, object->bytes);
    for (size_t i = 0; i < object->section_count; i++) {
        const Elf64_Shdr *section = &object->sections[i];
        Elf64_Shdr *moved = (Elf64_Shdr *)(void *)(copy + ((const unsigned char *)section - object->file));
        if (is_in_memory(object, i))
            moved->sh_addr += by;
        if (section->sh_type == SHT_SYMTAB || section->sh_type == SHT_DYNSYM)
            move_symbols(object, section, (Elf64_Sym *)(void *)(copy + section->sh_offset), by);
        if (section->sh_type == SHT_RELA)
            move_addresses(object, section, copy, by);
    }
    for (size_t i = 0; i < object->segment_count; i++) {
        Elf64_Phdr *moved = (Elf64_Phdr *)(void *)(copy + ((const unsigned char *)&object->segments[i] - object->file));
        moved->p_vaddr += by;
        moved->p_paddr += by;
    }
    return copy;
}

/* --- registration --- */

struct registration {
    struct jit_code_entry entry; /* first, so that an entry is its registration */
    unsigned char *file;
    const char *image;
    size_t image_bytes;
};

static pthread_mutex_t *registrations(void)
{
    static pthread_mutex_t mutex = PTHREAD_MUTEX_INITIALIZER;

    return &mutex;
}

static void notify(enum jit_action action, struct registration *registration)
{
    __jit_debug_descriptor.action_flag = action;
    __jit_debug_descriptor.relevant_entry = &registration->entry;
    __jit_debug_register_code();
}

static void forget(struct registration *registration)
{
    struct jit_code_entry *entry = &registration->entry;

    if (__jit_debug_descriptor.first_entry == entry)
        __jit_debug_descriptor.first_entry = entry->next_entry;
    else
        entry->prev_entry->next_entry = entry->next_entry;
    if (entry->next_entry != NULL)
        entry->next_entry->prev_entry = entry->prev_entry;
    notify(JIT_UNREGISTER_FN, registration);
    free(registration->file);
    free(registration);
}

static void forget_overlapping(const char *image, size_t bytes)
{
    struct jit_code_entry *entry = __jit_debug_descriptor.first_entry;

    while (entry != NULL) {
        struct registration *registration = (struct registration *)entry;
        entry = entry->next_entry;
        if (image < registration->image + registration->image_bytes && registration->image < image + bytes)
            forget(registration);
    }
}

static bool is_traced(void)
{
    FILE *stream = fopen("/proc/self/status", "re");
    char line[128];
    int tracer = 0;

    while (stream != NULL && fgets(line, sizeof(line), stream) != NULL)
        if (sscanf(line, "TracerPid: %d", &tracer) == 1)
            break;
    if (stream != NULL)
        fclose(stream);
    return tracer != 0;
}

void debugger_register(const struct code_object *object, const char *image)
{
    struct registration *registration;

    if (!is_traced())
        return;
    registration = calloc(1, sizeof(*registration));
    CHECK(registration != NULL);
    registration->image = image;
    registration->image_bytes = object->image_bytes;
    registration->file = debugger_move(object, image);
    registration->entry.symfile_addr = registration->file;
    registration->entry.symfile_size = object->bytes;
    pthread_mutex_lock(registrations());
    forget_overlapping(image, object->image_bytes);
    registration->entry.next_entry = __jit_debug_descriptor.first_entry;
    if (registration->entry.next_entry != NULL)
        registration->entry.next_entry->prev_entry = &registration->entry;
    __jit_debug_descriptor.first_entry = &registration->entry;
    notify(JIT_REGISTER_FN, registration);
    pthread_mutex_unlock(registrations());
}

/* --- breakpoints --- */

__attribute__((noinline, used)) void debugger_step(size_t step) { __asm__ volatile("" : : "r"(step) : "memory"); }
__attribute__((noinline, used)) void debugger_access(const void *pc) { __asm__ volatile("" : : "r"(pc) : "memory"); }
