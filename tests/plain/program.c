/* SPDX-License-Identifier: Apache-2.0
 *
 * The program as a code object, whose debug information sim/code/source.h reads.
 */
#include "plain/program.h"

#include <elf.h>
#include <fcntl.h>
#include <stdio.h>
#include <string.h>
#include <sys/mman.h>
#include <sys/stat.h>
#include <unistd.h>

#include "base/check.h"
#include "code/source_index.h"
#include "code/source.h"

static struct code_object object;
static struct code_source *source;

void program_open(void)
{
    struct stat status;
    int file = open("/proc/self/exe", O_RDONLY);

    CHECK(file >= 0 && fstat(file, &status) == 0);
    object.bytes = (size_t)status.st_size;
    object.file = mmap(NULL, object.bytes, PROT_READ | PROT_WRITE, MAP_PRIVATE, file, 0);
    CHECK(object.file != MAP_FAILED);
    close(file);
    const Elf64_Ehdr *header = (const void *)object.file;
    object.segments = (const void *)(object.file + header->e_phoff);
    object.segment_count = header->e_phnum;
    source = code_source_open(&object);
    CHECK(source != NULL);
}

void program_close(void)
{
    code_source_close(source);
    munmap(object.file, object.bytes);
}

/* The text of a line of a file, without blanks around it. */
static void line_text(const char *path, unsigned number, char *text, size_t text_bytes)
{
    FILE *file = fopen(path, "r");
    char line[300] = "";

    text[0] = '\0';
    if (file == NULL)
        return;
    while (number > 0 && fgets(line, sizeof(line), file) != NULL)
        number--;
    fclose(file);
    line[strcspn(line, "\n")] = '\0';
    (void)snprintf(text, text_bytes, "%s", line + strspn(line, " "));
}

static const char *below(const char *path, const char *folder)
{
    const char *at = strstr(path, folder);

    return at != NULL ? at + 1 : NULL;
}

void program_place(uint32_t pc, char *text, size_t text_bytes)
{
    struct code_frame frames[16];
    size_t count = code_source_frames(source, pc - 1, frames, 16), at = 0;
    char line[200];

    while (at + 1 < count && strstr(frames[at].place.file, "/models/") == NULL)
        at++;
    if (count == 0) {
        (void)snprintf(text, text_bytes, "+%x", pc);
        return;
    }
    const struct code_place *place = &frames[at].place;
    const char *file = below(place->file, "/models/");
    line_text(place->file, place->line, line, sizeof(line));
    (void)snprintf(text, text_bytes, "%s:%u %s: %s", file != NULL ? file : place->file, place->line, place->function,
                   line);
}

/* Families have structs of the same name: the first one of this size. */
static bool type_find(const char *name, size_t bytes, struct source_type *type)
{
    for (size_t i = 0; i < source->type_count; i++) {
        *type = source->types[i];
        if (type->kind == 's' && strcmp(type->name, name) == 0 && dwarf_bytesize(&type->die) == (int)bytes)
            return true;
    }
    return false;
}

void program_member(const char *type, size_t type_bytes, size_t offset, char *text, size_t text_bytes)
{
    struct code_source one = *source;
    struct source_type found;

    if (strncmp(type, "struct ", 7) == 0 && type_find(type + 7, type_bytes, &found)) {
        one.types = &found;
        one.type_count = 1;
    }
    if (!code_source_member(&one, type, offset, text, text_bytes))
        (void)snprintf(text, text_bytes, "+%zu", offset);
}
