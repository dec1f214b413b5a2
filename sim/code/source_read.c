/* SPDX-License-Identifier: Apache-2.0
 *
 * Reads a unit's line table, functions, inlined calls, variables and types.
 */
#include <dwarf.h>
#include <stdlib.h>
#include <string.h>

#include "base/array.h"
#include "base/check.h"
#include "code/source_index.h"

/* A function that the linker has dropped keeps rows at address 0, outside of what is executable. */
static bool is_code(const struct code_source *source, size_t address)
{
    const struct code_object *object = source->object;

    for (size_t i = 0; i < object->segment_count; i++)
        if (object->segments[i].p_type == PT_LOAD && (object->segments[i].p_flags & PF_X) != 0 &&
            address - object->segments[i].p_vaddr <= object->segments[i].p_memsz)
            return true;
    return false;
}

#define UNIT_RECENT 256

struct unit {
    const char *directory;
    Dwarf_Files *files;
    size_t file_count;
    const char **names; /* [file_count]: as source_file gives them; NULL: not asked yet */
    struct {
        const char *path, *file;
    } recent[UNIT_RECENT]; /* by the address of libdw's text */
};

static const char *unit_file(struct code_source *source, const struct unit *unit, size_t i)
{
    if (i >= unit->file_count)
        return NULL;
    if (unit->names[i] == NULL) {
        const char *path = dwarf_filesrc(unit->files, i, NULL, NULL);
        unit->names[i] = path != NULL ? source_file(source, path, unit->directory) : NULL;
    }
    return unit->names[i];
}

/* --- the line table --- */

static const char *row_file(struct code_source *source, struct unit *unit, const char *path)
{
    size_t i = ((uintptr_t)path ^ (uintptr_t)path >> 8) % UNIT_RECENT;

    if (unit->recent[i].path != path) {
        unit->recent[i].path = path;
        unit->recent[i].file = source_file(source, path, unit->directory);
    }
    return unit->recent[i].file;
}

static void read_rows(struct code_source *source, Dwarf_Die *die, struct unit *unit)
{
    Dwarf_Lines *lines;
    size_t count;

    if (dwarf_getsrclines(die, &lines, &count) != 0)
        return;
    for (size_t i = 0; i < count; i++) {
        Dwarf_Line *line = dwarf_onesrcline(lines, i);
        Dwarf_Addr address = 0;
        int number = 0;
        struct source_row row = { .file = NULL };
        dwarf_lineaddr(line, &address);
        if (!is_code(source, address))
            continue;
        dwarf_lineno(line, &number);
        dwarf_linebeginstatement(line, &row.is_statement);
        dwarf_lineendsequence(line, &row.is_end);
        const char *path = dwarf_linesrc(line, NULL, NULL);
        if (path == NULL)
            continue;
        row.file = row_file(source, unit, path);
        row.order = (uint32_t)source->row_count;
        row.address = (uint32_t)address;
        row.line = (uint32_t)number;
        source->rows = array_grown(source->rows, source->row_count, sizeof(row));
        source->rows[source->row_count++] = row;
    }
}

/* --- functions --- */

static Dwarf_Word number_of(Dwarf_Die *die, unsigned name)
{
    Dwarf_Attribute attribute;
    Dwarf_Word value = 0;

    if (dwarf_formudata(dwarf_attr_integrate(die, name, &attribute), &value) != 0)
        value = 0;
    return value;
}

static void add_extents(struct code_source *source, Dwarf_Die *die, const struct unit *unit, uint32_t depth)
{
    struct source_extent extent = { .depth = depth, .outer = SOURCE_NONE };
    Dwarf_Addr base, from, to;

    extent.is_inlined = dwarf_tag(die) == DW_TAG_inlined_subroutine;
    extent.function = dwarf_diename(die);
    if (extent.function == NULL)
        extent.function = "";
    extent.file = unit_file(source, unit, number_of(die, DW_AT_decl_file));
    extent.line = (uint32_t)number_of(die, DW_AT_decl_line);
    if (extent.is_inlined) {
        extent.call_file = unit_file(source, unit, number_of(die, DW_AT_call_file));
        extent.call_line = (uint32_t)number_of(die, DW_AT_call_line);
    }
    if (extent.call_file == NULL)
        extent.call_file = "?";
    for (ptrdiff_t at = 0; (at = dwarf_ranges(die, at, &base, &from, &to)) > 0;) {
        if (from >= to || !is_code(source, from))
            continue;
        extent.from = (uint32_t)from;
        extent.to = (uint32_t)to;
        source->extents = array_grown(source->extents, source->extent_count, sizeof(extent));
        source->extents[source->extent_count++] = extent;
    }
}

/* Reads the children of a unit (depth 0), a function, an inlined call or a block. */
static void read_children(struct code_source *source, Dwarf_Die *parent, const struct unit *unit, uint32_t depth)
{
    Dwarf_Die die;

    if (dwarf_child(parent, &die) != 0)
        return;
    do {
        switch (dwarf_tag(&die)) {
        case DW_TAG_subprogram:
        case DW_TAG_inlined_subroutine:
            add_extents(source, &die, unit, depth);
            read_children(source, &die, unit, depth + 1);
            break;
        case DW_TAG_lexical_block:
            read_children(source, &die, unit, depth + 1);
            break;
        case DW_TAG_variable:
            source_read_variable(source, &die);
            break;
        case DW_TAG_structure_type:
        case DW_TAG_union_type:
        case DW_TAG_enumeration_type:
        case DW_TAG_base_type:
        case DW_TAG_typedef:
            source_read_type(source, &die);
            break;
        default:
            break;
        }
    } while (dwarf_siblingof(&die, &die) == 0);
}

void source_read_unit(struct code_source *source, Dwarf_Die *die)
{
    struct unit unit = { .directory = NULL };
    Dwarf_Attribute attribute;

    unit.directory = dwarf_formstring(dwarf_attr(die, DW_AT_comp_dir, &attribute));
    if (dwarf_getsrcfiles(die, &unit.files, &unit.file_count) != 0)
        unit.file_count = 0;
    unit.names = calloc(unit.file_count + 1, sizeof(*unit.names));
    CHECK(unit.names != NULL);
    read_rows(source, die, &unit);
    read_children(source, die, &unit, 0);
    free(unit.names);
}

/* --- order --- */

/* The end of one function may be the beginning of the next; rows of one address keep their order. */
static int compare_rows(const void *left, const void *right)
{
    const struct source_row *a = left, *b = right;

    if (a->address != b->address)
        return a->address < b->address ? -1 : 1;
    if (a->is_end != b->is_end)
        return a->is_end ? -1 : 1;
    return a->order < b->order ? -1 : 1;
}

static int compare_extents(const void *left, const void *right)
{
    const struct source_extent *a = left, *b = right;

    if (a->from != b->from)
        return a->from < b->from ? -1 : 1;
    if (a->to != b->to)
        return a->to > b->to ? -1 : 1;
    return (a->depth > b->depth) - (a->depth < b->depth);
}

static int compare_variables(const void *left, const void *right)
{
    const struct source_variable *a = left, *b = right;

    if (a->from != b->from)
        return a->from < b->from ? -1 : 1;
    return (a->bytes > b->bytes) - (a->bytes < b->bytes);
}

static void sort(void *rows, size_t count, size_t bytes, int (*compare)(const void *left, const void *right))
{
    if (count > 0)
        qsort(rows, count, bytes, compare);
}

void source_sort(struct code_source *source)
{
    uint32_t around = SOURCE_NONE;

    sort(source->rows, source->row_count, sizeof(*source->rows), compare_rows);
    sort(source->variables, source->variable_count, sizeof(*source->variables), compare_variables);
    sort(source->extents, source->extent_count, sizeof(*source->extents), compare_extents);
    for (uint32_t i = 0; i < source->extent_count; i++) {
        while (around != SOURCE_NONE && source->extents[around].to <= source->extents[i].from)
            around = source->extents[around].outer;
        source->extents[i].outer = around;
        around = i;
    }
}
