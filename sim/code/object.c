/* SPDX-License-Identifier: Apache-2.0
 *
 * Reads a shared object and checks what the loader relies on: every offset is checked once, here.
 */
#define _DEFAULT_SOURCE
#include "code/object.h"

#include <errno.h>
#include <fcntl.h>
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/mman.h>
#include <sys/stat.h>
#include <unistd.h>

#include "base/check.h"
#include "base/text.h"
#include "code/abi/irqpath.h"
#include "code/describe.h"

#define PAGE_BYTES ((size_t)4096)
#define OBJECT_BYTES_MAX ((size_t)256 << 20)
#define IMAGE_BYTES_MAX ((size_t)64 << 20)

struct failure {
    char *message;
    size_t bytes;
};

__attribute__((format(printf, 2, 3))) static void failure_write(const struct failure *failure, const char *format, ...)
{
    va_list arguments;

    va_start(arguments, format);
    (void)vsnprintf(failure->message, failure->bytes, format, arguments);
    va_end(arguments);
}

/* False; the analyzer does not look into functions like failure_write. */
#define fail(...) (failure_write(__VA_ARGS__), false)

/* Whether [offset, offset + bytes) lies in the file. */
static bool is_inside(const struct code_object *object, uint64_t offset, uint64_t bytes)
{
    return offset <= object->bytes && bytes <= object->bytes - offset;
}

/* --- the file --- */

static bool read_all(struct code_object *object, int descriptor, const struct failure *failure)
{
    object->file = malloc(object->bytes);
    CHECK(object->file != NULL);
    for (size_t at = 0; at < object->bytes;) {
        ssize_t count = read(descriptor, object->file + at, object->bytes - at);
        if (count < 0 && errno == EINTR)
            continue;
        if (count <= 0)
            return fail(failure, "%s: %s", object->path, count < 0 ? strerror(errno) : "the file became shorter");
        at += (size_t)count;
    }
    return true;
}

static bool file_read(struct code_object *object, const struct failure *failure)
{
    int descriptor = open(object->path, O_RDONLY | O_CLOEXEC | O_NONBLOCK); /* of a pipe, too */
    struct stat status;
    bool is_read = false;

    if (descriptor < 0)
        return fail(failure, "%s: %s", object->path, strerror(errno));
    if (fstat(descriptor, &status) != 0 || !S_ISREG(status.st_mode))
        failure_write(failure, "%s: not a file", object->path);
    else if (status.st_size < (off_t)sizeof(Elf64_Ehdr) || (size_t)status.st_size > OBJECT_BYTES_MAX)
        failure_write(failure, "%s: not a code object (irqpath build makes them)", object->path);
    else {
        object->bytes = (size_t)status.st_size;
        is_read = read_all(object, descriptor, failure);
    }
    close(descriptor);
    return is_read;
}

/* --- headers --- */

static bool header_read(struct code_object *object, const struct failure *failure)
{
    const Elf64_Ehdr *header = (const void *)object->file;

    if (memcmp(header->e_ident, ELFMAG, SELFMAG) != 0 || header->e_ident[EI_CLASS] != ELFCLASS64 ||
        header->e_type != ET_DYN || header->e_phentsize != sizeof(Elf64_Phdr) ||
        header->e_shentsize != sizeof(Elf64_Shdr) || header->e_phoff % 8 != 0 || header->e_shoff % 8 != 0 ||
        !is_inside(object, header->e_phoff, (uint64_t)header->e_phnum * sizeof(Elf64_Phdr)) ||
        !is_inside(object, header->e_shoff, (uint64_t)header->e_shnum * sizeof(Elf64_Shdr)) ||
        header->e_shstrndx >= header->e_shnum)
        return fail(failure, "%s: not a code object (irqpath build makes them)", object->path);
    if (header->e_machine != EM_X86_64)
        return fail(failure, "%s: a code object for another architecture than x86-64", object->path);
    object->segments = (const void *)(object->file + header->e_phoff);
    object->segment_count = header->e_phnum;
    object->sections = (const void *)(object->file + header->e_shoff);
    object->section_count = header->e_shnum;
    const Elf64_Shdr *names = &object->sections[header->e_shstrndx];
    if (names->sh_size == 0 || !is_inside(object, names->sh_offset, names->sh_size) ||
        object->file[names->sh_offset + names->sh_size - 1] != '\0')
        return fail(failure, "%s: its section names are damaged", object->path);
    object->section_names = (const char *)object->file + names->sh_offset;
    for (size_t i = 0; i < object->section_count; i++) {
        const Elf64_Shdr *section = &object->sections[i];
        if (section->sh_name >= names->sh_size || (section->sh_type == SHT_RELA && section->sh_offset % 8 != 0) ||
            (section->sh_type != SHT_NOBITS && !is_inside(object, section->sh_offset, section->sh_size)))
            return fail(failure, "%s: section %zu is damaged or lies beyond its end", object->path, i);
    }
    return true;
}

static bool segment_read(struct code_object *object, const Elf64_Phdr *segment, const struct failure *failure)
{
    uint64_t end = segment->p_vaddr + segment->p_memsz;

    if (segment->p_filesz > segment->p_memsz || !is_inside(object, segment->p_offset, segment->p_filesz) ||
        segment->p_vaddr > IMAGE_BYTES_MAX || segment->p_memsz > IMAGE_BYTES_MAX)
        return fail(failure, "%s: a segment lies beyond its end, or is too large", object->path);
    end = (end + PAGE_BYTES - 1) / PAGE_BYTES * PAGE_BYTES;
    if (!(segment->p_flags & PF_W)) {
        if (object->image_bytes > object->text_bytes)
            return fail(failure, "%s: read-only memory behind writable memory", object->path);
        object->text_bytes = end;
    } else if (segment->p_vaddr < object->text_bytes) {
        return fail(failure, "%s: writable and read-only memory share a page", object->path);
    }
    object->image_bytes = end > object->image_bytes ? end : object->image_bytes;
    return true;
}

static bool segments_read(struct code_object *object, const struct failure *failure)
{
    for (size_t i = 0; i < object->segment_count; i++)
        if (object->segments[i].p_type == PT_LOAD && !segment_read(object, &object->segments[i], failure))
            return false;
    return object->text_bytes > 0 || fail(failure, "%s: it has no read-only code", object->path);
}

static bool symbols_read(struct code_object *object, const struct failure *failure)
{
    for (size_t i = 0; i < object->section_count; i++) {
        const Elf64_Shdr *section = &object->sections[i];
        if (section->sh_type != SHT_DYNSYM)
            continue;
        const Elf64_Shdr *names = section->sh_link < object->section_count ? &object->sections[section->sh_link] : NULL;
        if (names == NULL || names->sh_type != SHT_STRTAB || names->sh_size == 0 || section->sh_offset % 8 != 0 ||
            object->file[names->sh_offset + names->sh_size - 1] != '\0')
            break;
        object->symbols = (const void *)(object->file + section->sh_offset);
        object->symbol_count = section->sh_size / sizeof(Elf64_Sym);
        object->symbol_names = (const char *)object->file + names->sh_offset;
        for (size_t j = 0; j < object->symbol_count; j++)
            if (object->symbols[j].st_name >= names->sh_size ||
                (object->symbols[j].st_shndx != SHN_UNDEF && object->symbols[j].st_value > object->image_bytes))
                return fail(failure, "%s: symbol %zu lies beyond its end", object->path, j);
        return true;
    }
    return fail(failure, "%s: it has no dynamic symbols", object->path);
}

/* --- notes --- */

static bool hash_read(struct code_object *object, const struct failure *failure)
{
    const Elf64_Shdr *section = code_object_section(object, ".note.gnu.build-id");
    const Elf64_Nhdr *note = section == NULL ? NULL : (const void *)(object->file + section->sh_offset);

    if (note == NULL || section->sh_type != SHT_NOTE || section->sh_offset % 4 != 0 ||
        section->sh_size < sizeof(*note) + 4 + 20 || note->n_namesz != 4 || note->n_descsz != 20)
        return fail(failure, "%s: it has no build ID (irqpath build gives it one)", object->path);
    for (size_t i = 0; i < 20; i++)
        (void)snprintf(object->hash + 2 * i, 3, "%02x",
                       ((const unsigned char *)note)[sizeof(*note) + note->n_namesz + i]);
    return true;
}

static bool info_read(struct code_object *object, const struct failure *failure)
{
    const Elf64_Shdr *section = code_object_section(object, ".irqpath");
    char *rest;

    if (section == NULL || section->sh_type == SHT_NOBITS)
        return fail(failure, "%s: not a code object (irqpath build makes them)", object->path);
    object->info_text = text_copy_bytes((const char *)object->file + section->sh_offset, section->sh_size);
    rest = object->info_text;
    for (char *line; (line = strsep(&rest, "\n")) != NULL && object->info_count < CODE_LINES_MAX;) {
        char *value = strstr(line, ": ");
        if (value == NULL)
            continue;
        *value = '\0';
        object->info[object->info_count++] = (struct code_row){ line, value + 2 };
    }
    if (strtol(code_object_info(object, "abi"), NULL, 10) != IRQPATH_ABI)
        return fail(failure,
                    "%s: it was built for version '%s' of the interface; this irqpath has version %d: build it "
                    "again",
                    object->path, code_object_info(object, "abi"), IRQPATH_ABI);
    return true;
}

/* --- public --- */

struct code_object *code_object_open(const char *path, char *message, size_t message_bytes)
{
    const struct failure failure = { message, message_bytes };
    struct code_object *object = calloc(1, sizeof(*object));

    CHECK(object != NULL);
    object->path = text_copy(path);
    if (!file_read(object, &failure) || !header_read(object, &failure) || !segments_read(object, &failure) ||
        !symbols_read(object, &failure) || !hash_read(object, &failure) || !info_read(object, &failure)) {
        code_object_close(object);
        return NULL;
    }
    object->covered = mmap(NULL, object->text_bytes, PROT_READ | PROT_WRITE, MAP_SHARED | MAP_ANONYMOUS, -1, 0);
    CHECK_SYSTEM(object->covered != MAP_FAILED, "there is no memory for what a code object executes");
    object->describer = describer_new(object);
    return object;
}

void code_object_close(struct code_object *object)
{
    if (object == NULL)
        return;
    if (object->covered != NULL)
        CHECK(munmap(object->covered, object->text_bytes) == 0);
    describer_free(object->describer);
    free(object->info_text);
    free(object->file);
    free(object->path);
    free(object);
}

const char *code_object_info(const struct code_object *object, const char *key)
{
    for (size_t i = 0; i < object->info_count; i++)
        if (strcmp(object->info[i].key, key) == 0)
            return object->info[i].value;
    return "";
}

bool code_object_has_file(const struct code_object *object, const char *file)
{
    size_t bytes = strlen(file);

    for (const char *at = code_object_info(object, "files"); (at = strstr(at, file)) != NULL; at++) {
        bool begins = at == code_object_info(object, "files") || at[-1] == ' ' || at[-1] == '/';
        if (begins && (at[bytes] == '\0' || at[bytes] == ' '))
            return true;
    }
    return false;
}

const Elf64_Sym *code_object_symbol(const struct code_object *object, const char *name)
{
    for (size_t i = 1; i < object->symbol_count; i++)
        if (object->symbols[i].st_shndx != SHN_UNDEF &&
            strcmp(object->symbol_names + object->symbols[i].st_name, name) == 0)
            return &object->symbols[i];
    return NULL;
}

const Elf64_Shdr *code_object_section(const struct code_object *object, const char *name)
{
    for (size_t i = 0; i < object->section_count; i++)
        if (strcmp(object->section_names + object->sections[i].sh_name, name) == 0)
            return &object->sections[i];
    return NULL;
}
