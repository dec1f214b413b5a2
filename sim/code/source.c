/* SPDX-License-Identifier: Apache-2.0
 *
 * Opens an object's debug information and looks up places. The whole line table and all functions are read once into
 * sorted tables, so that a look-up is a binary search.
 */
#define _GNU_SOURCE
#include "code/source.h"

#include <dwarf.h>
#include <stdlib.h>
#include <string.h>

#include "base/array.h"
#include "base/check.h"
#include "base/text.h"
#include "code/source_index.h"

/* --- names of files --- */

/* Takes "." and "x/.." out of a path, in place. */
static void path_simplify(char *path)
{
    char *to = path;

    for (char *from = path; *from != '\0';) {
        size_t length = strcspn(from, "/");
        if (length == 2 && strncmp(from, "..", 2) == 0 && to > path + 1 && strncmp(to - 3, "../", 3) != 0) {
            for (to--; to > path && to[-1] != '/'; to--)
                ;
        } else if (!(length == 1 && *from == '.') && (length > 0 || from == path)) {
            memmove(to, from, length);
            to += length;
            if (from[length] == '/')
                *to++ = '/';
        }
        from += length + (from[length] == '/');
    }
    *to = '\0';
}

static const char *without_prefix(const char *path, const char *prefix)
{
    size_t length = strlen(prefix);

    if (length == 0 || strncmp(path, prefix, length) != 0)
        return path;
    if (prefix[length - 1] != '/' && path[length] != '/')
        return path;
    for (path += length; *path == '/';)
        path++;
    return path;
}

const char *source_file(struct code_source *source, const char *path, const char *directory)
{
    const char *relative = without_prefix(path, source->tree);
    char *name;

    if (relative == path && directory != NULL && directory[0] == '/')
        relative = without_prefix(path, directory);
    name = text_copy(relative);
    path_simplify(name);
    for (size_t i = source->file_count; i-- > 0;)
        if (strcmp(source->files[i], name) == 0) {
            free(name);
            return source->files[i];
        }
    source->files = array_grown(source->files, source->file_count, sizeof(*source->files));
    source->files[source->file_count++] = name;
    return name;
}

/* --- opening --- */

static void read_units(struct code_source *source)
{
    Dwarf_CU *unit = NULL;
    Dwarf_Die die, part;
    uint8_t kind;

    while (dwarf_get_units(source->dwarf, unit, &unit, NULL, &kind, &die, &part) == 0)
        if (kind == DW_UT_compile || kind == DW_UT_type || kind == DW_UT_partial)
            source_read_unit(source, &die);
}

struct code_source *code_source_open(const struct code_object *object)
{
    struct code_source *source = calloc(1, sizeof(*source));
    const char *tree = code_object_info(object, "tree");

    CHECK(source != NULL && elf_version(EV_CURRENT) != EV_NONE);
    source->object = object;
    CHECK(asprintf(&source->tree, "%s%s", tree, *tree == '\0' || tree[strlen(tree) - 1] == '/' ? "" : "/") >= 0);
    source->elf = elf_memory((char *)object->file, object->bytes);
    source->dwarf = source->elf != NULL ? dwarf_begin_elf(source->elf, DWARF_C_READ, NULL) : NULL;
    if (source->dwarf != NULL)
        read_units(source);
    if (source->row_count == 0) {
        code_source_close(source);
        return NULL;
    }
    source_sort(source);
    source_sort_types(source);
    return source;
}

void code_source_close(struct code_source *source)
{
    if (source == NULL)
        return;
    if (source->dwarf != NULL)
        dwarf_end(source->dwarf);
    if (source->elf != NULL)
        elf_end(source->elf);
    for (size_t i = 0; i < source->file_count; i++)
        free(source->files[i]);
    free(source->tree);
    free(source->files);
    free(source->rows);
    free(source->extents);
    free(source->variables);
    free(source->types);
    free(source);
}

/* --- places --- */

const struct source_row *source_row_at(const struct code_source *source, size_t address)
{
    size_t from = 0, to = source->row_count;

    while (from < to) {
        size_t middle = from + (to - from) / 2;
        if (source->rows[middle].address <= address)
            from = middle + 1;
        else
            to = middle;
    }
    return from == 0 || source->rows[from - 1].is_end ? NULL : &source->rows[from - 1];
}

const struct source_extent *source_outer(const struct code_source *source, const struct source_extent *extent)
{
    return extent->outer == SOURCE_NONE ? NULL : &source->extents[extent->outer];
}

const struct source_extent *source_extent_at(const struct code_source *source, size_t address)
{
    const struct source_extent *extent;
    size_t from = 0, to = source->extent_count;

    while (from < to) {
        size_t middle = from + (to - from) / 2;
        if (source->extents[middle].from <= address)
            from = middle + 1;
        else
            to = middle;
    }
    extent = from == 0 ? NULL : &source->extents[from - 1];
    while (extent != NULL && extent->to <= address)
        extent = source_outer(source, extent);
    return extent;
}

bool code_source_place(struct code_source *source, size_t offset, struct code_place *place)
{
    const struct source_row *row = source_row_at(source, offset);
    const struct source_extent *extent = source_extent_at(source, offset);

    if (row == NULL)
        return false;
    *place = (struct code_place){ row->file, extent != NULL ? extent->function : "", row->line };
    return true;
}

size_t code_source_frames(struct code_source *source, size_t offset, struct code_frame *frames, size_t room)
{
    const struct source_extent *extent = source_extent_at(source, offset);
    struct code_place place;
    size_t count = 0;

    if (!code_source_place(source, offset, &place))
        return 0;
    while (count < room) {
        frames[count++] = (struct code_frame){ place, extent != NULL && extent->is_inlined };
        if (extent == NULL || !extent->is_inlined)
            break;
        place.file = extent->call_file;
        place.line = extent->call_line;
        extent = source_outer(source, extent);
        place.function = extent != NULL ? extent->function : "";
    }
    return count;
}

bool code_source_is_user_file(const struct code_source *source, const char *path)
{
    for (; path != NULL; path = strchr(path, '/') != NULL ? strchr(path, '/') + 1 : NULL)
        if (code_object_has_file(source->object, path))
            return true;
    return false;
}

bool code_source_user_place(struct code_source *source, size_t offset, struct code_place *place)
{
    struct code_frame frames[16];
    size_t count = code_source_frames(source, offset, frames, sizeof(frames) / sizeof(*frames)), at = 0;

    if (count == 0)
        return false;
    while (at < count && !code_source_is_user_file(source, frames[at].place.file))
        at++;
    *place = frames[at < count ? at : 0].place;
    return true;
}

/* The shim's headers and the glue around the user's code. */
static bool is_glue(const struct code_frame *frame) { return strncmp(frame->place.file, "irqpath/", 8) == 0; }

static size_t frames_of(struct code_source *source, uint32_t pc, struct code_frame *frames, size_t room)
{
    return source != NULL && pc > 0 ? code_source_frames(source, pc - 1, frames, room) : 0;
}

void code_print_stack(struct code_source *source, const uint32_t *pcs, size_t count, FILE *stream)
{
    struct code_frame frames[16];
    const size_t room = sizeof(frames) / sizeof(*frames);
    bool is_all_glue = true;

    for (size_t i = 0; i < count; i++)
        for (size_t j = frames_of(source, pcs[i], frames, room); j-- > 0;)
            is_all_glue = is_all_glue && is_glue(&frames[j]);
    for (size_t i = 0; i < count; i++) {
        size_t found = frames_of(source, pcs[i], frames, room);
        for (size_t j = 0; j < found; j++)
            if (is_all_glue || !is_glue(&frames[j]))
                fprintf(stream, "    %s:%u %s%s\n", frames[j].place.file, frames[j].place.line,
                        frames[j].place.function, frames[j].is_inlined ? " [inlined]" : "");
        if (found == 0)
            fprintf(stream, "    +0x%x\n", pcs[i]);
    }
}
