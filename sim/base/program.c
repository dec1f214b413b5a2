/* SPDX-License-Identifier: Apache-2.0
 *
 * Quotes the name for a shell where it needs that; finds the build ID among the notes of the loaded program.
 */
#define _GNU_SOURCE
#include "base/program.h"

#include <ctype.h>
#include <link.h>
#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <string.h>

enum { CALL_BYTES = 4096 };

/* The name, quoted. */
static char *text(void)
{
    static char call[CALL_BYTES] = "irqpath";

    return call;
}

static bool is_plain(const char *name)
{
    for (; *name != '\0'; name++)
        if (!isalnum((unsigned char)*name) && strchr("/._-+,:@%", *name) == NULL)
            return false;
    return true;
}

/* Writes the name between quotes; a quote in it is written '\''. */
static void quote(const char *name, char *call)
{
    size_t used = 0;

    call[used++] = '\'';
    for (; *name != '\0'; name++) {
        const char *written = *name == '\'' ? "'\\''" : (char[]){ *name, '\0' };
        size_t bytes = strlen(written);

        memcpy(call + used, written, bytes);
        used += bytes;
    }
    call[used++] = '\'';
    call[used] = '\0';
}

void program_called(const char *name)
{
    if (name == NULL || *name == '\0' || strlen(name) > (CALL_BYTES - 3) / 4)
        return;
    if (is_plain(name))
        memcpy(text(), name, strlen(name) + 1);
    else
        quote(name, text());
}

const char *program_call(void) { return text(); }

/* --- the build ID --- */

static void write_hexadecimal(const uint8_t *bytes, size_t count, char *id)
{
    for (size_t i = 0; i < count && 2 * i + 2 < PROGRAM_BUILD_ID_BYTES; i++)
        (void)snprintf(id + 2 * i, 3, "%02x", bytes[i]);
}

static size_t padded(size_t bytes, size_t alignment) { return (bytes + alignment - 1) / alignment * alignment; }

/* Writes the build ID if one of the notes is one. */
static void read_notes(const uint8_t *at, size_t bytes, size_t alignment, char *id)
{
    const uint8_t *end = at + bytes;
    ElfW(Nhdr) note;

    while ((size_t)(end - at) >= sizeof(note)) {
        memcpy(&note, at, sizeof(note));
        const uint8_t *name = at + sizeof(note), *value = at + padded(sizeof(note) + note.n_namesz, alignment);
        size_t whole = (size_t)(value - at) + padded(note.n_descsz, alignment);

        if (whole > (size_t)(end - at))
            return;
        if (note.n_type == NT_GNU_BUILD_ID && note.n_namesz == 4 && memcmp(name, "GNU", 4) == 0)
            write_hexadecimal(value, note.n_descsz, id);
        at += whole;
    }
}

/* The first object is the program itself. */
static int read_object(struct dl_phdr_info *object, size_t bytes, void *id)
{
    (void)bytes;
    for (size_t i = 0; i < object->dlpi_phnum; i++) {
        const ElfW(Phdr) *part = &object->dlpi_phdr[i];

        if (part->p_type == PT_NOTE)
            /* NOLINTNEXTLINE(performance-no-int-to-ptr): the loader gives addresses as numbers */
            read_notes((const uint8_t *)(object->dlpi_addr + part->p_vaddr), part->p_memsz, part->p_align == 8 ? 8 : 4,
                       id);
    }
    return 1;
}

const char *program_build_id(char id[PROGRAM_BUILD_ID_BYTES])
{
    id[0] = '\0';
    (void)dl_iterate_phdr(read_object, id);
    return id;
}
